package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// listSize is the fleet's commands of 30 days.
const listSize = 100_000

// requests counts what a list costs the API.
func (b *bench) requests(ctx context.Context) error {
	server, err := b.startServer(ctx, serveSimulator, listSize)
	if err != nil {
		return err
	}
	defer server.stop()
	client, err := newClient(server.url)
	if err != nil {
		return err
	}
	for _, r := range []struct {
		figure   string
		pageSize int
		target   int
	}{
		{"requests for 100,000 commands", 0, 100},
		{"requests for them, 100 in a page (KORE's limit)", 100, 1000},
	} {
		before, err := server.stats(ctx)
		if err != nil {
			return err
		}
		n, err := list(ctx, client, twilio.ListOptions{PageSize: r.pageSize})
		if err == nil && n != listSize {
			err = fmt.Errorf("%d commands", n)
		}
		if err != nil {
			return err
		}
		after, err := server.stats(ctx)
		if err != nil {
			return err
		}
		b.table.add(counted(r.figure, []float64{float64(after.Requests - before.Requests)}, r.target))
	}
	return nil
}

// clientList compares a list with fetching its pages.
func (b *bench) clientList(ctx context.Context) error {
	for _, r := range []struct {
		figure, server string
		target         float64
	}{
		{"client: list 100,000, against fetching the pages", serveSimulator, 2.0},
		{"– the same from a server that has the pages in memory", serveReplay, 0},
	} {
		server, err := b.startServer(ctx, r.server, listSize)
		if err != nil {
			return err
		}
		defer server.stop()
		// One more than counts, which makes the pages of the replaying server.
		var ours, floor []float64
		for i := range b.runs + 1 {
			s, err := b.measure(ctx, measureList, server.url)
			if err == nil && s["commands"] != listSize {
				err = fmt.Errorf("%v commands", s["commands"])
			}
			if err != nil {
				return err
			}
			if i > 0 {
				ours, floor = append(ours, s["ours"]), append(floor, s["floor"])
			}
		}
		b.progress("  %s: list %s; pages %s", r.server, spread(ours, seconds), spread(floor, seconds))
		b.table.add(compared(r.figure, ours, floor, seconds, r.target))
	}
	return nil
}

// clientMemory compares the heap of a long list with that of a short one.
func (b *bench) clientMemory(ctx context.Context) error {
	const (
		short, long = 10_000, heapCommands
		most        = 32 << 20
		// What is the same, where garbage counts until it is collected. A list
		// that was held would be a hundred times as much.
		same = 1.5
	)
	servers := map[int]*serverProcess{}
	for _, n := range []int{short, long} {
		server, err := b.startServer(ctx, serveGenerated, n)
		if err != nil {
			return err
		}
		defer server.stop()
		servers[n] = server
	}
	heaps := map[int][]float64{}
	for range b.runs {
		for _, n := range []int{short, long} {
			s, err := b.measure(ctx, measureHeap, servers[n].url)
			if err == nil && s["commands"] != float64(n) {
				err = fmt.Errorf("%v commands", s["commands"])
			}
			if err != nil {
				return err
			}
			heaps[n] = append(heaps[n], s["heap"])
		}
	}
	b.progress("  peak extra heap: 1,000,000 %s; 10,000 %s", spread(heaps[long], mebibytes), spread(heaps[short], mebibytes))
	r := compared("client: peak extra heap for 1,000,000 commands, against 10,000", heaps[long], heaps[short], mebibytes, 0)
	r.target = fmt.Sprintf("≤ %d MiB, ≤ %.1f", most>>20, same)
	r.holds = verdict(median(heaps[long]) <= most && median(heaps[long]) <= same*median(heaps[short]))
	b.table.add(r)
	return nil
}

// dataSource compares the provider's work on a list with the client's.
func (b *bench) dataSource(ctx context.Context) error {
	server, err := b.startServer(ctx, serveReplay, listSize)
	if err != nil {
		return err
	}
	defer server.stop()
	local, err := newProviderServer(ctx)
	if err != nil {
		return err
	}
	var client, source, process []float64
	for i := range b.runs + 1 {
		listed, err := b.measure(ctx, measureListCPU, server.url)
		if err != nil {
			return err
		}
		read, err := b.measure(ctx, measureDataSource, server.url)
		if err == nil && read["bytes"] < listSize*300 {
			err = fmt.Errorf("an answer of %v bytes", read["bytes"])
		}
		if err != nil {
			return err
		}
		whole, err := b.samplePluginCPU(ctx, local, server.url)
		if err != nil {
			return err
		}
		if i > 0 {
			client, source, process = append(client, listed["cpu"]), append(source, read["cpu"]), append(process, whole)
		}
	}
	b.progress("  processor time: client %s; data source %s; plugin process %s", spread(client, seconds), spread(source, seconds), spread(process, seconds))
	b.table.add(compared("data source: processor time for 100,000, against the client's list", source, client, seconds, 3.0))
	b.table.add(compared("– the same of the plugin's process, gRPC and start included", process, client, seconds, 3.0))
	return nil
}

// sends compares sends with what the API takes at most.
func (b *bench) sends(ctx context.Context) error {
	server, err := b.startServer(ctx, serveBusy, 0)
	if err != nil {
		return err
	}
	defer server.stop()
	ideal := float64(sendCount) * busyWork.Seconds() / busyLimit
	var took, refused, connections, failed []float64
	for range b.runs {
		s, err := b.measure(ctx, measureSends, server.url)
		if err != nil {
			return err
		}
		took, failed = append(took, s["wall"]), append(failed, s["failed"])
		refused = append(refused, s["refused"]/s["requests"])
		connections = append(connections, s["connections"])
	}
	b.progress("  sends: %s; refused %s; connections %s; failed %s", spread(took, seconds), spread(refused, percent), spread(connections, count), spread(failed, count))
	r := compared("sends: 1,000 by 100, API takes 25 at a time for 50 ms", took, []float64{ideal}, seconds, 0)
	r.target, r.holds = "≤ 1.25", verdict(median(took) <= 1.25*ideal)
	if most := slices.Max(failed); most > 0 {
		r.ours, r.holds = fmt.Sprintf("%s, %.0f failed", r.ours, most), no
	}
	b.table.add(r)
	b.table.add(row{"– requests refused", percent(median(refused)), none, none, "≤ 10 %", verdict(median(refused) <= 0.1)})
	b.table.add(row{"– connections opened, at most", count(slices.Max(connections)), none, none, "≤ 100", verdict(slices.Max(connections) <= sendParallel)})
	return nil
}
