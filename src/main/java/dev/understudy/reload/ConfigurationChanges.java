package dev.understudy.reload;

import dev.understudy.config.DynamicConfig;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.text.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a new file changes, as sentences such as {@code pool shop: health.interval 2s → 1s}, {@code
 * pool shop: server b added} and {@code route x: removed}. A pure function of two configurations.
 *
 * <p>Settings have the names of the file. Values that may be secrets are not shown; see {@link
 * SettingText}.
 */
final class ConfigurationChanges {
  /** Sentences; one more tells the number of the others. */
  static final int MOST = 100;

  private ConfigurationChanges() {}

  /** The changes, at most {@value #MOST} and the number of the others. */
  static List<String> between(DynamicConfig before, DynamicConfig after) {
    List<String> all = new ArrayList<>();
    new RecordDiff(all::add).components("", "", before, after);
    if (all.isEmpty() && !before.equals(after)) {
      all.add("the order of pools or routes changed");
    }
    return Words.bounded(all, MOST);
  }

  /** The pools that the new file no longer has. */
  static List<PoolId> removedPools(DynamicConfig before, DynamicConfig after) {
    Set<PoolId> kept = after.pools().stream().map(Pool::id).collect(Collectors.toSet());
    return before.pools().stream().map(Pool::id).filter(id -> !kept.contains(id)).toList();
  }
}
