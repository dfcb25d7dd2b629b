package dev.understudy.command.client;

import java.util.ArrayList;
import java.util.List;

/** All pools, worst first, as lines. */
final class StatusText {
  /** With more pools than this, those that are well are only counted. */
  static final int ALL_UP_TO = 20;

  private StatusText() {}

  static List<String> lines(OverviewReply overview, boolean all) {
    List<String> lines = new ArrayList<>();
    lines.add(overview.replica() + ": " + overview.counts());
    for (String remark : overview.remarks()) {
      lines.add(remark);
    }
    boolean well = all || overview.pools().size() <= ALL_UP_TO;
    TextTable table = new TextTable().row("POOL", "CONDITION", "SERVING", "SINCE", "CAUSE");
    int shown = 0;
    for (PoolView pool : overview.pools()) {
      if (well || pool.condition() != PoolCondition.WELL) {
        String cause = pool.cause();
        table.row(
            pool.name(),
            pool.condition().word(),
            pool.serving(),
            Age.of(pool.document().at("since").text(), overview.now()),
            cause == null ? "" : cause);
        shown++;
      }
    }
    if (shown > 0) {
      lines.addAll(table.lines());
    }
    int rest = overview.pools().size() - shown;
    if (rest > 0 && shown > 0) {
      lines.add("All other pools are well; --all lists them.");
    }
    return lines;
  }
}
