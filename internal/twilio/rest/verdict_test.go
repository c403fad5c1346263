package rest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
)

// TestMaySendAgain_R1 goes through every combination that rule R1 knows. The
// wanted verdict is worked out from the rule's text alone: a POST may be sent
// again after a 429, and after a failure without a response and without a
// written byte, and never else.
func TestMaySendAgain_R1(t *testing.T) {
	t.Parallel()
	statuses := []int{0, 200, 201, 204, 301, 302, 307, 400, 401, 403, 404, 408, 409, 418, 425, 429, 500, 501, 502, 503, 504, 599}
	bools := []bool{false, true}
	again := 0
	for _, safe := range bools {
		for _, status := range statuses {
			for _, wrote := range bools {
				for _, permanent := range bools {
					a := &attempt{status: status, wrote: wrote, permanent: permanent}
					want := safe && (status == 0 || status/100 == 2 || status == 429 || status >= 500) ||
						!safe && (status == 429 || status == 0 && !wrote)
					want = want && !permanent
					if got := maySendAgain(safe, a); got != want {
						t.Errorf("safe %t, %+v: %t, want %t", safe, a, got, want)
					}
					if want && !safe {
						again++
					}
				}
			}
		}
	}
	// A 429, whether or not all was written, and nothing written.
	if again != 3 {
		t.Errorf("%d cases in which a POST may be sent again, want 3", again)
	}
}

// epoch is when the fake clocks start.
var epoch = time.Date(2026, 3, 1, 12, 0, 0, 250_000_000, time.UTC)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	date := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	for _, test := range []struct {
		name, value, date string
		want              time.Duration
	}{
		{name: "none"},
		{name: "seconds", value: "120", want: 2 * time.Minute},
		{name: "zero", value: "0"},
		{name: "negative", value: "-5"},
		{name: "fraction", value: "1.5", want: 1500 * time.Millisecond},
		{name: "two points", value: "1.2.3"},
		{name: "not a number", value: "NaN"},
		{name: "an exponent", value: "1e3"},
		{name: "garbage", value: "soon"},
		{name: "more digits than a float holds", value: strings.Repeat("9", 400), want: maxRetryAfter},
		{name: "more seconds than an int holds", value: "99999999999999999999", want: maxRetryAfter},
		{name: "more seconds than a Duration holds", value: "9999999999", want: maxRetryAfter},
		{name: "date", value: date(time.Minute), want: time.Minute},
		{name: "date in the past", value: date(-time.Minute)},
		{name: "date against a server's clock that is ahead", value: date(time.Hour + time.Minute), date: date(time.Hour), want: time.Minute},
		{name: "date in nearly 8,000 years", value: "Fri, 31 Dec 9999 23:59:59 GMT", want: maxRetryAfter},
	} {
		h := http.Header{"Retry-After": {test.value}, "Date": {test.date}}
		if got := retryAfter(h, now); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// TestBackoff has exponential backoff with full jitter, of which Retry-After is the
// least: a short one does not make a late attempt hurry.
func TestBackoff(t *testing.T) {
	t.Parallel()
	for n, ceiling := range map[int]time.Duration{
		0: 500 * time.Millisecond, 1: 500 * time.Millisecond, 2: time.Second, 3: 2 * time.Second, 6: 16 * time.Second,
		7: 30 * time.Second, 8: 30 * time.Second, 64: 30 * time.Second, 1 << 62: 30 * time.Second,
	} {
		for _, random := range []float64{0, 0.25, 0.999999} {
			c := &Client{Config: Config{Rand: func() float64 { return random }}}
			for _, asked := range []time.Duration{0, 1500 * time.Millisecond, 7 * time.Second, maxRetryAfter} {
				want := time.Duration(random * float64(ceiling))
				if asked > 0 {
					want = max(asked+time.Duration(random*float64(backoffBase)), want)
				}
				if got := c.backoff(n, &attempt{retryAfter: asked}); got != want {
					t.Errorf("repetition %d, Retry-After %s, with %g: %s, want %s", n, asked, random, got, want)
				}
			}
		}
	}
}

func TestHasTime(t *testing.T) {
	t.Parallel()
	fake := clock.NewFake(epoch)
	c := &Client{Config: Config{Clock: fake}, pacer: newPacer(fake)}
	for _, test := range []struct {
		deadline, wait time.Duration
		want           bool
	}{
		{0, 0, true},
		{0, maxWait, true},
		{0, maxWait + 1, false},
		{time.Minute, time.Minute, true},
		{time.Minute, time.Minute + 1, false},
		{time.Hour, 59 * time.Minute, true},
		{-time.Second, 0, false},
		{time.Minute, maxRetryAfter, false},
	} {
		r := &Request{}
		if test.deadline != 0 {
			r.Deadline = epoch.Add(test.deadline)
		}
		if got := c.hasTime(r, test.wait); got != test.want {
			t.Errorf("%s, %s: %t, want %t", test.deadline, test.wait, got, test.want)
		}
	}
	// Nobody has got through for long.
	stuck := &Client{Config: Config{Clock: fake}, pacer: newPacer(fake)}
	stuck.pacer.refusedSince = epoch.Add(-maxWait)
	if stuck.hasTime(&Request{}, time.Second) || !stuck.hasTime(&Request{Deadline: epoch.Add(time.Minute)}, time.Second) {
		t.Error("a request without a deadline waits on, or one with a deadline does not")
	}
	stuck.pacer.inFlight++
	stuck.pacer.done(true)
	if !stuck.hasTime(&Request{}, time.Second) {
		t.Error("somebody has got through, and nobody waits")
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, v := range []string{"", "0", "1", "-1", "120", "1.5", ".", "NaN", "1e300", "2147483648", "99999999999999999999", "soon", "Sun, 01 Mar 2026 12:00:30 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"} {
		f.Add(v, "Sun, 01 Mar 2026 12:00:00 GMT")
		f.Add(v, "")
	}
	c := &Client{Config: Config{Rand: func() float64 { return 0.999 }}}
	f.Fuzz(func(t *testing.T, value, date string) {
		h := http.Header{"Retry-After": {value}, "Date": {date}}
		d := retryAfter(h, epoch)
		if d < 0 || d > maxRetryAfter {
			t.Errorf("%s", d)
		}
		if wait := c.backoff(1, &attempt{retryAfter: d}); wait < d {
			t.Errorf("waits %s, asked for %s", wait, d)
		}
	})
}
