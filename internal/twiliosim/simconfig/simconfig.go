// Package simconfig reads the configuration file of the simulator's command. It
// is in HCL, as Terraform's files are:
//
//	latency = "20ms"
//	limit {
//	  in_flight   = 4
//	  retry_after = 1
//	}
//	sim "meter-01" {
//	  fleet = "meters"
//	  reply {
//	    to_pattern = "^READ"
//	    text       = "120538"
//	    after      = "2s"
//	  }
//	}
//
// The arguments are listed in the functions of this file.
package simconfig

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// Parse reads a file into a configuration that has the file's SIMs, whatever it
// had before, and otherwise keeps what the file does not name. The error has a
// line for each mistake, with its place: name:line:column.
func Parse(name string, text []byte, cfg *twiliosim.Config) error {
	file, diags := hclsyntax.ParseConfig(text, name, hcl.InitialPos)
	p := parser{diags: diags}
	if !diags.HasErrors() {
		p.config(file.Body, cfg)
	}
	var lines []string
	for _, d := range p.diags {
		at := d.Subject
		lines = append(lines, fmt.Sprintf("%s:%d:%d: %s: %s", at.Filename, at.Start.Line, at.Start.Column, d.Summary, d.Detail))
	}
	if lines != nil {
		return errors.New(strings.Join(lines, "\n"))
	}
	return nil
}

// config reads the file.
func (p *parser) config(body hcl.Body, cfg *twiliosim.Config) {
	cfg.SIMs = nil
	identifiers, iccids, limited := taken{}, taken{}, false
	p.block(body, arguments{
		"platform":   func(value string) error { return cfg.Platform.UnmarshalText([]byte(value)) },
		"public_url": baseURL(&cfg.PublicURL),
		"send_delay": duration(&cfg.SendDelay),
		"latency":    duration(&cfg.Latency),
	}, blocks{
		"limit": {read: func(b *hcl.Block) {
			if limited {
				p.check(b.DefRange, errors.New("there is a limit already"))
			}
			limited, cfg.Limit = true, twiliosim.Limit{}
			mistakes := len(p.diags)
			p.block(b.Body, arguments{
				"in_flight":   integer(&cfg.Limit.InFlight, 1, 1e6),
				"retry_after": integer(&cfg.Limit.RetryAfter, 1, 1e6),
			}, nil)
			if cfg.Limit.InFlight == 0 && len(p.diags) == mistakes {
				p.check(b.DefRange, errors.New("a limit needs in_flight"))
			}
		}},
		"sim": {label: "unique_name", read: func(b *hcl.Block) {
			cfg.SIMs = append(cfg.SIMs, p.sim(b, identifiers, iccids))
		}},
	})
}

// sim reads a SIM, whose unique name is the block's label. No two SIMs have one
// identifier, a unique name or a SID: a message is sent to either.
func (p *parser) sim(b *hcl.Block, identifiers, iccids taken) (sim twiliosim.SIM) {
	p.check(b.LabelRanges[0], identifiers.unique(uniqueName(&sim.UniqueName))(b.Labels[0]))
	p.block(b.Body, arguments{
		"sid":    identifiers.unique(like(&sim.SID, simSID, "HS and 32 hexadecimal digits")),
		"iccid":  iccids.unique(like(&sim.ICCID, `^[0-9]{19,20}$`, "19 or 20 digits")),
		"fleet":  text(&sim.Fleet),
		"status": text(&sim.Status, "new", "ready", "active", "inactive", "scheduled"),
		"outcome": func(value string) error {
			var outcome string
			err := text(&outcome, "sent", "failed", "queued")(value)
			sim.Detached, sim.NeverSends = outcome == "failed", outcome == "queued"
			return err
		},
		"send_delay": moreThanZero(&sim.SendDelay),
	}, blocks{
		"reply": {read: func(b *hcl.Block) {
			sim.Replies = append(sim.Replies, p.reply(b))
		}},
	})
	return sim
}

// reply reads what a device sends, and when.
func (p *parser) reply(b *hcl.Block) (r twiliosim.Reply) {
	p.block(b.Body, arguments{
		"to":          payload(&r.To, asText),
		"to_hex":      payload(&r.To, asHex),
		"to_pattern":  pattern(&r.Pattern),
		"text":        payload(&r.Payload, asText),
		"hex":         payload(&r.Payload, asHex),
		"base64":      payload(&r.Payload, asBase64),
		"device_port": integer(&r.Port, 1, 65535),
		"after":       duration(&r.After),
	}, nil)
	if r.Payload == nil {
		p.check(b.DefRange, errors.New("a reply needs one of text, hex and base64"))
	}
	return r
}
