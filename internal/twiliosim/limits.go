package twiliosim

// What the APIs of all platforms bound, from the published descriptions. The
// largest pages are the platform's; see traits.
const (
	defaultPageSize = 50
	// maxPayload is in bytes: of the UTF-8 of a text, and of what the Base64
	// of a binary payload stands for.
	maxPayload = 1300
	maxPort    = 65535
)
