package dev.understudy.bench.faults;

import dev.understudy.bench.faults.HookEntry.Stage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What must hold of the hooks that were called; each violation is a sentence. */
final class HookChecks {
  private final History history;
  private final List<String> violations = new ArrayList<>();

  private HookChecks(History history) {
    this.history = history;
  }

  static List<String> violations(History history) {
    HookChecks checks = new HookChecks(history);
    checks.orderOfHooks();
    checks.owedHooks();
    return List.copyOf(checks.violations);
  }

  /**
   * Of those that came to a server; a replica that was stopped, or whose requests were late, may be
   * late.
   */
  private void orderOfHooks() {
    Map<String, HookEntry> newest = new HashMap<>();
    for (HookEntry hook : history.hooks()) {
      if (hook.stage() != Stage.BEGUN) {
        continue;
      }
      HookEntry before = newest.get(hook.server());
      if (before == null || before.epoch() <= hook.epoch()) {
        newest.put(hook.server(), hook);
      } else if (!mayBeLate(hook)) {
        violations.add(
            "a hook of an older epoch at %s: %s after %s"
                .formatted(hook.server(), at(hook), at(before)));
      }
    }
  }

  private boolean mayBeLate(HookEntry hook) {
    return history.windows().stream()
        .filter(window -> window.kind().reach() != Kind.Reach.STORE)
        .filter(window -> window.kind().reach() != Kind.Reach.TOUCH)
        .anyMatch(window -> Checks.excuses(window, hook.replica(), hook.server(), hook.nanos()));
  }

  /**
   * Since the other server served last, that of the newest epoch was promoted, and the other one
   * fenced. Epochs that begin because the record was lost are no change.
   */
  private void owedHooks() {
    Map<String, Long> newest = new TreeMap<>();
    history.hits().stream()
        .filter(Hit::hasEpoch)
        .forEach(hit -> newest.merge(hit.server(), hit.epoch(), Math::max));
    if (newest.size() < 2) {
      return;
    }
    long last = Collections.max(newest.values());
    long before = Collections.min(newest.values());
    newest.forEach((server, epoch) -> owedHook(server, epoch == last, before));
  }

  private void owedHook(String server, boolean promote, long before) {
    HookEntry done =
        history.hooks().stream()
            .filter(hook -> hook.server().equals(server) && hook.stage() == Stage.DONE)
            .reduce((first, second) -> second)
            .orElse(null);
    if (done == null || done.promote() != promote || done.epoch() <= before) {
      violations.add(
          "%s was not carried out at %s in the end; last was %s"
              .formatted(promote ? "promote" : "demote", server, done == null ? "none" : at(done)));
    }
  }

  private String at(HookEntry hook) {
    return "%s from %s in epoch %d, %s"
        .formatted(hook.words(), hook.replica(), hook.epoch(), history.seconds(hook.nanos()));
  }
}
