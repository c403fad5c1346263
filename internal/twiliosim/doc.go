// Package twiliosim is what is used of Twilio's Super SIM and Programmable
// Wireless APIs in memory, as Twilio or as KORE Wireless serves them (see
// [Platform]), close enough to the real ones that a client cannot tell:
// authentication, validation and error bodies, pages with tokens, the life of
// a command from queued to sent or failed, and its retention of 30 days, all
// under a clock that a test can move.
//
// The two APIs, and KORE's token endpoint, live on different hosts but their
// paths do not collide, so one handler serves all:
//
//	POST /v1/IpCommands        send a message to a device
//	GET  /v1/IpCommands        list, newest first
//	GET  /v1/IpCommands/{Sid}  fetch
//	GET  /v1/Commands          list, newest first
//	GET  /v1/Commands/{Sid}    fetch
//	GET  /v1/Sims              list, newest first
//	GET  /v1/Sims/{Sid}        fetch
//
//	POST /api-services/v1/auth/token  get an access token; KORE only
//
// A test makes a [Simulator] with [New], gives it SIMs in its [Config] or with
// [Simulator.AddSIM], whose devices may send a [Reply], serves it with
// [Serve], plays faults with
// [Simulator.Inject], and asserts on [Simulator.Requests],
// [Simulator.Deliveries] and [Simulator.Tokens]. The same simulator runs as a
// process of its own with
//
//	go run ./internal/twiliosim/cmd/twiliosim
//
// Nothing happens in the background: what is due by the clock is done at the
// next access, as if it had been done in time.
//
// The responses are held to the published API descriptions by contract_test.go.
// Where those are silent (how a POST is refused, the form of a page token) the
// choice made here says so in its comment.
package twiliosim
