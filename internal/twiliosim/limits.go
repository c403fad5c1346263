package twiliosim

// What the API bounds, from the published descriptions. Another platform with
// other bounds would differ here and nowhere else.
const (
	defaultPageSize = 50
	maxPageSize     = 1000
	// maxPayload is in bytes: of the UTF-8 of a text, and of what the Base64
	// of a binary payload stands for.
	maxPayload = 1300
	maxPort    = 65535
	// maxBody bounds what the simulator reads of a request, in bytes. It is
	// far above any valid one.
	maxBody = 1 << 20
)
