# Prints, from a Go coverage profile, the share of statements that were run of
# each package and in total; and the lines without a run in the files that the
# variable sending lists, of which there may be none. A block is in the profile
# once for each test binary.

BEGIN { sendings = split(sending, files, " ") }

FNR > 1 {
	statements[$1] = $2
	runs[$1] += $3
}

END {
	for (block in statements) {
		n = split(block, at, /[:,.]/) # name.go:line.column,line.column
		file = block
		sub(/:[^:]*$/, "", file)
		package = file
		sub("/[^/]*$", "", package)
		all[package] += statements[block]
		total += statements[block]
		for (i = 1; i <= sendings; i++) {
			if (substr(file, length(file) - length(files[i])) != "/" files[i])
				continue
			seen[i] = 1
			if (runs[block] == 0) {
				printf "no test runs %s:%s-%s\n", file, at[n-3], at[n-1] | "LC_ALL=C sort -V"
				missing = 1
			}
		}
		if (runs[block] > 0) {
			covered[package] += statements[block]
			run += statements[block]
		}
	}
	for (i = 1; i <= sendings; i++) {
		if (!seen[i]) {
			print "the coverage has nothing of " files[i] " (was it renamed?)"
			missing = 1
		}
	}
	close("LC_ALL=C sort -V")
	for (package in all)
		printf "%6.1f%%  %s\n", 100 * covered[package] / all[package], package | "LC_ALL=C sort -k2"
	close("LC_ALL=C sort -k2")
	if (total)
		printf "%6.1f%%  of all statements\n", 100 * run / total
	exit missing
}
