package dev.understudy.proxy.session;

import dev.understudy.handover.TableText;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StickySettings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The tables of sessions of all pools, shared by all event loops. A table outlives changes of other
 * settings of its pool. Thread-safe.
 */
public final class SessionTables {
  private static final String FORM = "sessions";
  private static final int VERSION = 1;

  /** The row of a table: pool, type, cookie, seed. */
  private static final String POOL = "pool";

  /** The row of a session: pool, hash, server, milliseconds since its last use. */
  private static final String KEPT = "k";

  /** The row of a session that only a client has named. */
  private static final String CLAIMED = "c";

  private final Map<PoolId, Table> tables = new ConcurrentHashMap<>();

  private record Table(StickySettings made, Sessions sessions) {
    boolean isFor(StickySettings sticky) {
      return made.type() == sticky.type()
          && made.cookie().equals(sticky.cookie())
          && made.entries() == sticky.entries()
          && made.expire().equals(sticky.expire());
    }
  }

  /** The table of a pool, created on first use and when one of its own settings changed. */
  public Sessions of(PoolId pool, StickySettings sticky) {
    Table table =
        tables.compute(
            pool,
            (id, known) ->
                known != null && known.isFor(sticky)
                    ? known
                    : new Table(sticky, new Sessions(sticky.entries(), sticky.expire())));
    return table.sessions();
  }

  /** All sessions as text for the next process, those that were used last first. */
  public String text() {
    return text(System.nanoTime());
  }

  String text(long nowNanos) {
    TableText text = new TableText(FORM, VERSION);
    List<PoolSession> all = new ArrayList<>();
    tables.forEach(
        (pool, table) -> {
          StickySettings made = table.made();
          text.add(
              String.join(
                  " ",
                  POOL,
                  pool.value(),
                  made.type().name(),
                  TableText.word(made.cookie()),
                  Long.toHexString(table.sessions().seed())));
          table.sessions().entries(nowNanos).forEach(each -> all.add(new PoolSession(pool, each)));
        });
    all.sort(Comparator.comparingLong(each -> each.entry().ageNanos()));
    for (PoolSession each : all) {
      if (!text.add(each.words())) {
        break;
      }
    }
    return text.text();
  }

  /** A session of a pool. */
  private record PoolSession(PoolId pool, Sessions.Entry entry) {
    String words() {
      return String.join(
          " ",
          entry.claimed() ? CLAIMED : KEPT,
          pool.value(),
          Long.toHexString(entry.hash()),
          entry.server().value(),
          Long.toString(TimeUnit.NANOSECONDS.toMillis(entry.ageNanos())));
    }

    static PoolSession of(List<String> words) {
      return new PoolSession(
          new PoolId(words.get(1)),
          new Sessions.Entry(
              Long.parseUnsignedLong(words.get(2), 16),
              new ServerId(words.get(3)),
              TimeUnit.MILLISECONDS.toNanos(Long.parseLong(words.get(4))),
              words.get(0).equals(CLAIMED)));
    }
  }

  /**
   * Takes over the sessions of the process before, before any is used here. Those of pools that are
   * gone, or whose sessions are shown otherwise now, are left.
   *
   * @param text of {@link #text()}; null for none
   * @param settings of a pool; null if it has no table
   */
  public void restore(@Nullable String text, Function<PoolId, @Nullable StickySettings> settings) {
    restore(text, settings, System.nanoTime());
  }

  void restore(
      @Nullable String text, Function<PoolId, @Nullable StickySettings> settings, long nowNanos) {
    Map<PoolId, Sessions> made = new HashMap<>();
    List<PoolSession> all = new ArrayList<>();
    TableText.read(
        FORM,
        VERSION,
        text,
        words -> {
          switch (words.get(0)) {
            case POOL -> restorePool(words, settings, made);
            case KEPT, CLAIMED -> all.add(PoolSession.of(words));
            default -> {
              // Of a later version.
            }
          }
        });
    for (PoolSession each : all.reversed()) {
      Sessions sessions = made.get(each.pool());
      if (sessions != null) {
        sessions.keep(each.entry(), nowNanos);
      }
    }
  }

  private void restorePool(
      List<String> words,
      Function<PoolId, @Nullable StickySettings> settings,
      Map<PoolId, Sessions> made) {
    PoolId pool = new PoolId(words.get(1));
    long seed = Long.parseUnsignedLong(words.get(4), 16);
    StickySettings sticky = settings.apply(pool);
    if (sticky != null
        && sticky.type().name().equals(words.get(2))
        && sticky.cookie().equals(TableText.textOf(words.get(3)))) {
      Sessions fresh = new Sessions(sticky.entries(), sticky.expire(), seed);
      if (tables.putIfAbsent(pool, new Table(sticky, fresh)) == null) {
        made.put(pool, fresh);
      }
    }
  }

  /** Drops the tables of all other pools. */
  public void retain(Predicate<PoolId> pools) {
    tables.keySet().removeIf(pools.negate());
  }
}
