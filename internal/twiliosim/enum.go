package twiliosim

// The values that the APIs use. Commands also have the status delivered.
const (
	statusQueued    = "queued"
	statusSent      = "sent"
	statusDelivered = "delivered"
	statusReceived  = "received"
	statusFailed    = "failed"

	toSIM   = "to_sim"
	fromSIM = "from_sim"

	payloadText   = "text"
	payloadBinary = "binary"
)
