package dev.understudy.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.understudy.agreement.AgreementStatus;
import dev.understudy.event.Alarm;
import dev.understudy.pool.PoolId;
import dev.understudy.snapshot.ServerState;
import dev.understudy.statistics.Overview;
import dev.understudy.statistics.PoolOverview;
import dev.understudy.statistics.ServerOverview;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The response of {@code GET /api/overview}, and the data of the stream's event {@code overview}.
 * Times are in milliseconds; rates are per second, over the last 10 to 15 s.
 *
 * @param replica as {@link ReplicaInfo#name} describes; null if there is none
 * @param sequence grows by one with each document of this process
 * @param intervalMillis the time between two events of the stream
 * @param checks how old its newest checks are
 * @param alarms what speaks against this replica's own view of its servers now
 * @param pools the worst first, then by name
 */
record OverviewDocument(
    @Nullable String replica,
    Instant now,
    String version,
    Instant startedAt,
    long sequence,
    long intervalMillis,
    Overview.Totals totals,
    ConfigPart config,
    AgreementPart agreement,
    ChecksDocument checks,
    List<Alarm> alarms,
    List<PoolOverview> pools) {

  /**
   * The dynamic file.
   *
   * @param rejected whether the last file was refused, so that the one before is in force
   * @param problems the number of the refused file's problems
   */
  record ConfigPart(
      @Nullable String file,
      @Nullable Instant appliedAt,
      @Nullable String fingerprint,
      boolean rejected,
      int problems) {
    static ConfigPart of(ConfigurationStatus.Document config, @Nullable String fingerprint) {
      return new ConfigPart(
          config.file(),
          config.appliedAt() == null ? null : millis(config.appliedAt()),
          fingerprint,
          config.rejectedAt() != null,
          config.problems().size());
    }
  }

  /**
   * The agreement among replicas.
   *
   * @param replicas the number of known replicas, this one included
   * @param inTouch the number of those whose votes count
   * @param contact whether this replica takes part
   */
  record AgreementPart(String mode, int replicas, int inTouch, boolean contact) {
    static AgreementPart of(String mode, AgreementStatus status) {
      int counted = (int) status.voters().stream().filter(AgreementStatus.Voter::counted).count();
      return status.voters().isEmpty()
          ? new AgreementPart(mode, 1, status.inTouch() ? 1 : 0, status.inTouch())
          : new AgreementPart(mode, status.voters().size(), counted, status.inTouch());
    }
  }

  /** The alarm with its time truncated to milliseconds. */
  static Alarm shown(Alarm alarm) {
    return new Alarm(
        alarm.kind(),
        millis(alarm.since()),
        alarm.message(),
        alarm.detail(),
        alarm.causes(),
        alarm.hosts());
  }

  /** What changed since an earlier document. */
  Delta since(OverviewDocument before) {
    Overview.Delta delta =
        new Overview(now, totals, pools)
            .since(new Overview(before.now, before.totals, before.pools));
    Map<PoolId, List<@Nullable List<Number>>> probes = new TreeMap<>();
    delta.probed().forEach(pool -> probes.put(pool.name(), probeTimes(pool)));
    return new Delta(
        sequence,
        now,
        totals,
        config.equals(before.config) ? null : config,
        agreement.equals(before.agreement) ? null : agreement,
        checks.equals(before.checks) ? null : checks,
        alarms.equals(before.alarms) ? null : alarms,
        delta.changed(),
        delta.removed(),
        probes);
  }

  /**
   * The times of a pool's probes, for a stream's reader that has the rest already: for each server
   * in the pool's order {@code [at, took]}, in milliseconds since 1970 and milliseconds; null for a
   * server without a probe.
   */
  private static List<@Nullable List<Number>> probeTimes(PoolOverview pool) {
    List<@Nullable List<Number>> times = new ArrayList<>();
    for (ServerOverview server : pool.servers()) {
      ServerState.LastProbe probe = server.lastProbe();
      times.add(
          probe == null
              ? null
              : Arrays.asList(
                  probe.at().toEpochMilli(), Math.round(probe.took().toNanos() / 1e4) / 1e2));
    }
    return times;
  }

  /**
   * The data of the stream's event {@code delta}: what changed since the event before.
   *
   * @param config absent if it has not changed; {@code agreement}, {@code checks} and {@code
   *     alarms} likewise
   * @param pools new ones, and those that differ in more than that they were probed again
   * @param removed names of pools that are gone
   * @param probes {@link #probeTimes} of the pools that were probed again, with the same result
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Delta(
      long sequence,
      Instant now,
      Overview.Totals totals,
      @Nullable ConfigPart config,
      @Nullable AgreementPart agreement,
      @Nullable ChecksDocument checks,
      @Nullable List<Alarm> alarms,
      List<PoolOverview> pools,
      List<PoolId> removed,
      Map<PoolId, List<@Nullable List<Number>>> probes) {}

  static Instant millis(Instant time) {
    return time.truncatedTo(ChronoUnit.MILLIS);
  }
}
