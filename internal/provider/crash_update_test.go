package provider

import "strings"

// updateScenarios are applies with a payload that no plan knows (rule R13), and
// replacements of a message by an equal one. single makes a scenario, and inWindow
// gives one a window.
func updateScenarios(
	single func(name, lifecycle, before string) crashScenario,
	inWindow func(crashScenario, func(*crash, *crashScenario, string)) crashScenario,
) []crashScenario {
	// released is a message whose payload comes from a release.
	released := func(release, payload, provisioner string) string {
		provisioner = strings.Replace(provisioner, "create"+stepTold, "release"+stepTold, 1)
		return strings.Replace(later(release, payload), "triggers_replace", provisioner+"\n  triggers_replace", 1) +
			strings.Replace(valve(""), `"open"`, "terraform_data.release.output", 1)
	}
	update := func(name, payload string) crashScenario {
		s := single(name, "", "")
		s.before, s.keeps = released("1", payload, ""), true
		s.config = func(provisioner string) string { return released("2", `"open"`, provisioner) }
		return s
	}
	// Without a window, what the state does not have is sent again.
	again := func(s crashScenario) crashScenario {
		s.name, s.recover, s.ends = s.name+", applied again", applyAgain, func(_ *crash, left string) string {
			return strings.NewReplacer("N", "R", "S", "!").Replace(left)
		}
		return s
	}
	sends, windowedUpdate := update("update", `"close"`), inWindow(update("update", `"close"`), applyAgain)
	windowedUpdate.before = strings.Replace(windowedUpdate.before, "device_port = 5683", "device_port = 5683\n  "+windowed, 1)
	equal := update("update that changes nothing", `"open"`)
	equal.quiet, equal.recover = true, applyAgain

	created := again(single("create", "", ""))
	created.victims = []victim{bothDie}

	// An equal message is handed over without a look. The next apply has nothing to
	// replace. It finds the newest message, unless the state still has the old one.
	replaced := inWindow(single("-replace", "", ""), applyAgain)
	replacement := replaced.config
	replaced.config = func(provisioner string) string {
		return strings.Replace(replacement(provisioner), windowed, `deduplication_window = "2h"`, 1)
	}
	replaced.before = replaced.config("")
	replaced.name += ", applied again"
	replaced.args, replaced.ends = []string{"-replace=" + address}, func(c *crash, left string) string {
		if c.records(c.replaced) {
			return left
		}
		return strings.ReplaceAll(left, "S", "R")
	}

	imported := single("import of another message", "", "")
	imported.imports, imported.fails = true, true
	imported.config = func(provisioner string) string { return released("1", `"close"`, provisioner) }
	imported.recover = func(c *crash, s *crashScenario, config string) {
		importAgain(c, s, strings.Replace(config, `"close"`, `"open"`, 1))
	}
	return []crashScenario{sends, again(sends), windowedUpdate, equal, created, replaced, imported}
}
