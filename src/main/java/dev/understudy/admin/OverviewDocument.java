package dev.understudy.admin;

import dev.understudy.agreement.AgreementStatus;
import dev.understudy.monitor.Alarm;
import dev.understudy.monitor.ServerState;
import dev.understudy.statistics.Overview;
import dev.understudy.statistics.PoolOverview;
import dev.understudy.statistics.Rates;
import dev.understudy.statistics.ServerOverview;
import dev.understudy.text.Words;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The response of {@code GET /api/overview}, and the data of the stream's event {@code overview}.
 * Times are in milliseconds; rates are per second, over the last 10 to 15 s.
 *
 * @param replica as {@link ReplicaName} describes; null if there is none
 * @param sequence grows by one with each document of this process
 * @param intervalMillis the time between two events of the stream
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
    List<AlarmPart> alarms,
    List<Pool> pools) {

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

  /** One alarm; see {@link Alarm}. */
  record AlarmPart(
      String kind,
      Instant since,
      String message,
      List<Alarm.Group> causes,
      List<Alarm.Group> hosts) {
    static AlarmPart of(Alarm alarm) {
      return new AlarmPart(
          Words.lower(alarm.kind()).replace('_', '-'),
          millis(alarm.since()),
          alarm.message(),
          alarm.causes(),
          alarm.hosts());
    }
  }

  /** One pool; see {@link PoolOverview}. */
  record Pool(
      String name,
      String mode,
      String condition,
      int severity,
      @Nullable String cause,
      PoolDocument.@Nullable TwoPrimariesDocument twoPrimaries,
      @Nullable String serving,
      long epoch,
      Instant since,
      @Nullable String reason,
      int held,
      double retriesPerSecond,
      double requestsPerSecond,
      double errorsPerSecond,
      @Nullable Double p99Millis,
      List<Server> servers) {
    static Pool of(PoolOverview pool) {
      return new Pool(
          pool.id().value(),
          Words.lower(pool.mode()),
          Words.lower(pool.diagnosis().condition()),
          pool.diagnosis().severity(),
          pool.diagnosis().cause(),
          PoolDocument.TwoPrimariesDocument.of(pool.diagnosis().twoPrimaries()),
          pool.serving() == null ? null : pool.serving().value(),
          pool.epoch(),
          millis(pool.since()),
          Json.name(pool.reason()),
          pool.held(),
          pool.retriesPerSecond(),
          pool.requestsPerSecond(),
          pool.errorsPerSecond(),
          pool.p99Millis(),
          pool.servers().stream().map(Server::of).toList());
    }
  }

  /**
   * One server; see {@link ServerOverview}.
   *
   * @param responses per second by class
   */
  record Server(
      String name,
      String url,
      String rank,
      String status,
      String state,
      boolean serving,
      boolean usable,
      boolean circuitOpen,
      double requestsPerSecond,
      Map<String, Double> responses,
      @Nullable Double p50Millis,
      @Nullable Double p99Millis,
      long bytesInPerSecond,
      long bytesOutPerSecond,
      int inFlight,
      @Nullable Integer maxRequests,
      int queued,
      long retries,
      int tunnels,
      int sessions,
      long checksFailed,
      long downtimeSeconds,
      PoolDocument.@Nullable ProbeDocument lastProbe,
      String minutes) {
    private static final List<String> CLASSES = List.of("none", "1xx", "2xx", "3xx", "4xx", "5xx");

    static Server of(ServerOverview server) {
      var maxRequests = server.server().maxRequests();
      Rates rates = server.rates();
      return new Server(
          server.id().value(),
          server.server().address().toString(),
          Words.lower(server.server().rank()),
          server.status().name(),
          Words.lower(server.state()),
          server.serving(),
          server.usable(),
          server.circuitOpen(),
          rates.requests(),
          responses(rates),
          rates.p50Millis(),
          rates.p99Millis(),
          rates.bytesIn(),
          rates.bytesOut(),
          server.inFlight(),
          maxRequests.isPresent() ? maxRequests.getAsInt() : null,
          server.queued(),
          server.retries(),
          server.tunnels(),
          server.sessions(),
          server.checksFailed(),
          server.downtimeSeconds(),
          lastProbe(server.lastProbe()),
          server.minutes());
    }

    private static Map<String, Double> responses(Rates rates) {
      Map<String, Double> byClass = new LinkedHashMap<>();
      for (int i = 1; i < CLASSES.size(); i++) {
        byClass.put(CLASSES.get(i), rates.responses().get(i));
      }
      byClass.put(CLASSES.get(0), rates.responses().get(0));
      return byClass;
    }

    private static PoolDocument.@Nullable ProbeDocument lastProbe(
        ServerState.@Nullable LastProbe probe) {
      return probe == null
          ? null
          : new PoolDocument.ProbeDocument(
              millis(probe.at()),
              Json.millis(probe.took()),
              probe.outcome().name(),
              probe.detail());
    }
  }

  /**
   * The times of a pool's probes, for a stream's reader that has the rest already: for each server
   * in the pool's order {@code [at, took]}, in milliseconds since 1970 and milliseconds; null for a
   * server without a probe.
   */
  static List<@Nullable List<Number>> probeTimes(PoolOverview pool) {
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
   * @param config null if it has not changed
   * @param agreement null if it has not changed
   * @param alarms null if they have not changed
   */
  static Map<String, Object> delta(
      long sequence,
      Overview overview,
      Overview.Delta delta,
      @Nullable ConfigPart config,
      @Nullable AgreementPart agreement,
      @Nullable List<AlarmPart> alarms) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("sequence", sequence);
    document.put("now", millis(overview.now()));
    document.put("totals", overview.totals());
    if (config != null) {
      document.put("config", config);
    }
    if (agreement != null) {
      document.put("agreement", agreement);
    }
    if (alarms != null) {
      document.put("alarms", alarms);
    }
    document.put("pools", delta.changed().stream().map(Pool::of).toList());
    document.put("removed", delta.removed());
    Map<String, List<@Nullable List<Number>>> probes = new TreeMap<>();
    delta.probed().forEach(pool -> probes.put(pool.id().value(), probeTimes(pool)));
    document.put("probes", probes);
    return document;
  }

  static Instant millis(Instant time) {
    return time.truncatedTo(ChronoUnit.MILLIS);
  }
}
