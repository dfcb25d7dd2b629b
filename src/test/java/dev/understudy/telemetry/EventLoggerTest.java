package dev.understudy.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.monitor.Event;
import dev.understudy.monitor.Event.RunEnd;
import dev.understudy.monitor.EventLog;
import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.Snapshot;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.testing.LogCapture;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;
import org.springframework.boot.logging.logback.StructuredLogEncoder;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The log line that each event becomes. */
@Isolated("reads what is logged")
class EventLoggerTest {
  private static final PoolId SENSE = new PoolId("sense");
  private static final ServerId SEN1 = new ServerId("sen1");
  private static final ServerId SEN2 = new ServerId("sen2");

  private final LogCapture log = LogCapture.of(EventLogger.LOGGER);
  private final EventLogger events = new EventLogger();

  @AfterEach
  void stopListening() {
    log.close();
  }

  @Test
  void a_switch_is_logged_with_servers_reason_and_evidence() {
    ILoggingEvent line = line(switched(SEN1, SwitchReason.HEALTH_CHECK_FAILED));
    assertThat(line.getFormattedMessage()).isEqualTo("sen1 serves instead of sen2");
    assertThat(parts(line))
        .containsExactly(
            Map.entry("event", "Switched"),
            Map.entry("eventId", 42L),
            Map.entry("pool", "sense"),
            Map.entry("from", "sen2"),
            Map.entry("to", "sen1"),
            Map.entry("reason", "HEALTH_CHECK_FAILED"),
            Map.entry("epoch", 8L),
            Map.entry("evidence", "status 503, 3 times"),
            Map.entry("decidedBy", "proxy-2"),
            Map.entry("tookMillis", 180L));
  }

  @ParameterizedTest
  @CsvSource({
    "INITIAL, INFO",
    "RECOVERED, INFO",
    "HEALTH_CHECK_FAILED, WARN",
    "CONNECTION_FAILED, WARN",
    "CIRCUIT_OPEN, WARN",
    "OPERATOR, INFO",
    "FAILBACK, INFO",
    "CONFIGURATION, INFO"
  })
  void a_switch_is_a_warning_where_something_failed(SwitchReason reason, String level) {
    assertThat(line(switched(SEN1, reason)).getLevel()).isEqualTo(Level.toLevel(level));
  }

  @Test
  void the_first_judgement_is_one_line_and_later_events_have_one_each() {
    EventLogger starting = EventLogger.atStart();
    starting.happened(entry(changed(HealthStatus.UNKNOWN, HealthStatus.UP)));
    starting.happened(entry(changed(HealthStatus.UNKNOWN, HealthStatus.DOWN)));
    starting.happened(entry(switched(SEN1, SwitchReason.INITIAL)));
    starting.happened(entry(new Event.Kept(SENSE, SEN1, 10, "kept", "kept")));
    starting.happened(entry(new Event.NobodyServes(SENSE, "none", "nobody serves")));
    assertThat(log.events()).isEmpty();
    starting.happened(entry(changed(HealthStatus.UP, HealthStatus.DOWN)));
    assertThat(log.events()).hasSize(1);

    PublishedPools pools = new PublishedPools();
    PoolState good = pools.pool("good", PoolMode.FAILOVER, 1, "one");
    starting.judged(new Snapshot(1, Map.of(good.pool().id(), good)));
    ILoggingEvent line = log.events().getLast();
    assertThat(line.getLevel()).isEqualTo(Level.INFO);
    assertThat(line.getFormattedMessage())
        .isEqualTo("Pools: 1 served, 0 not; servers: 1 UP, 0 not");
    assertThat(parts(line))
        .containsEntry("event", "FirstJudgement")
        .containsEntry("poolsServed", 1)
        .containsEntry("poolsNotServed", 0)
        .containsEntry("serversUp", 1)
        .containsEntry("serversNotUp", 0);

    starting.happened(entry(changed(HealthStatus.UNKNOWN, HealthStatus.UP)));
    assertThat(log.events()).hasSize(3);
  }

  @Test
  void the_first_judgement_names_what_is_not_well_within_bounds() {
    PublishedPools pools = new PublishedPools();
    PoolState good = pools.pool("good", PoolMode.FAILOVER, 1, "one", "two");
    EventLogger starting = EventLogger.atStart();
    starting.judged(new Snapshot(1, Map.of(good.pool().id(), good)));
    ILoggingEvent line = log.events().getLast();
    assertThat(line.getLevel()).isEqualTo(Level.WARN);
    assertThat(line.getFormattedMessage())
        .startsWith("Pools: 1 served, 0 not; servers: 1 UP, 1 not (good/two DOWN");

    String[] many = new String[50];
    Arrays.setAll(many, i -> "s" + i);
    PoolState bad = pools.pool("bad", PoolMode.FAILOVER, 1, many);
    PoolState unserved =
        new PoolState(
            bad.pool(),
            bad.servers().subList(1, 50),
            null,
            0,
            bad.authority(),
            null,
            Instant.EPOCH,
            null,
            null,
            null,
            false,
            OwedHooks.NONE,
            null,
            bad.traffic());
    starting.judged(new Snapshot(2, Map.of(bad.pool().id(), unserved)));
    line = log.events().getLast();
    assertThat(line.getLevel()).isEqualTo(Level.ERROR);
    assertThat(line.getFormattedMessage())
        .startsWith("Pools: 0 served, 1 not (bad); servers: 0 UP, 49 not (bad/s1 DOWN")
        .doesNotContain("bad/s9 ")
        .hasSizeLessThan(1_000);
  }

  private static Event changed(HealthStatus from, HealthStatus to) {
    return new Event.HealthChanged(SENSE, SEN2, from, to, 1, "evidence", "changed");
  }

  private static EventLog.Entry entry(Event event) {
    return new EventLog.Entry(42, Instant.EPOCH, event);
  }

  @Test
  void nobody_serving_is_an_error() {
    ILoggingEvent line = line(switched(null, SwitchReason.NO_SERVER));
    assertThat(line.getLevel()).isEqualTo(Level.ERROR);
    assertThat(parts(line)).doesNotContainKey("to");
  }

  @ParameterizedTest
  @CsvSource({"UP, DOWN, WARN", "DOWN, UP, INFO", "UNKNOWN, UP, INFO", "UNKNOWN, DOWN, WARN"})
  void a_server_that_goes_down_is_a_warning(HealthStatus from, HealthStatus to, String level) {
    ILoggingEvent line =
        line(new Event.HealthChanged(SENSE, SEN2, from, to, 1, "connection refused", "changed"));
    assertThat(line.getLevel()).isEqualTo(Level.toLevel(level));
    assertThat(parts(line))
        .containsEntry("server", "sen2")
        .containsEntry("to", to.name())
        .containsEntry("evidence", "connection refused");
  }

  @Test
  void a_failback_that_is_awaited_says_until_when_and_why() {
    ILoggingEvent line =
        line(new Event.FailbackAwaited(SENSE, SEN1, SEN2, Instant.EPOCH, "damped", "sen2 waits"));
    assertThat(line.getLevel()).isEqualTo(Level.INFO);
    assertThat(parts(line))
        .containsEntry("serving", "sen1")
        .containsEntry("better", "sen2")
        .containsEntry("due", "1970-01-01T00:00:00Z")
        .containsEntry("heldBy", "damped");
  }

  @Test
  void a_pin_and_its_end_are_logged() {
    assertThat(parts(line(new Event.Pinned(SENSE, SEN1, null, "pinned"))))
        .containsEntry("server", "sen1");
    ILoggingEvent end = line(new Event.Pinned(SENSE, null, null, "no longer pinned"));
    assertThat(end.getLevel()).isEqualTo(Level.INFO);
    assertThat(parts(end)).doesNotContainKey("server");
  }

  @Test
  void a_kept_server_is_logged_with_the_epoch() {
    assertThat(parts(line(new Event.Kept(SENSE, SEN1, 10, "kept from the state file", "kept"))))
        .containsEntry("serving", "sen1")
        .containsEntry("epoch", 10L);
  }

  @Test
  void a_server_that_serves_although_down_is_a_warning_and_no_server_an_error() {
    assertThat(line(new Event.ServesDown(SENSE, SEN1, "status 503", "goes on")).getLevel())
        .isEqualTo(Level.WARN);
    assertThat(line(new Event.NobodyServes(SENSE, "sen1: DOWN", "nobody serves")).getLevel())
        .isEqualTo(Level.ERROR);
  }

  @Test
  void a_circuit_that_opens_is_a_warning() {
    assertThat(line(new Event.CircuitChanged(SENSE, SEN2, true, "opened")).getLevel())
        .isEqualTo(Level.WARN);
    assertThat(parts(line(new Event.CircuitChanged(SENSE, SEN2, false, "closed"))))
        .containsEntry("open", false);
  }

  @Test
  void an_operators_change_is_logged_with_both_states() {
    ILoggingEvent line =
        line(
            new Event.OperatorStateChanged(
                SENSE, SEN2, OperatorState.READY, OperatorState.DRAIN, null, "set to drain"));
    assertThat(line.getLevel()).isEqualTo(Level.INFO);
    assertThat(parts(line)).containsEntry("from", "READY").containsEntry("to", "DRAIN");
  }

  @Test
  void who_acted_and_why_are_parts_of_the_line() {
    Operator alice = new Operator("alice", "disk swap");
    assertThat(parts(line(new Event.Pinned(SENSE, SEN1, alice, "pinned"))))
        .containsEntry("operator", "alice")
        .containsEntry("operatorReason", "disk swap");
    assertThat(
            parts(
                line(
                    new Event.OperatorStateChanged(
                        SENSE,
                        SEN2,
                        OperatorState.READY,
                        OperatorState.DRAIN,
                        new Operator("bob", null),
                        "set to drain"))))
        .containsEntry("operator", "bob")
        .doesNotContainKey("operatorReason");
  }

  @Test
  void a_changed_log_level_is_logged_with_both_levels() {
    ILoggingEvent line =
        line(
            new Event.LogLevelChanged(
                "dev.understudy.probe", null, "DEBUG", new Operator("alice", null), "set"));
    assertThat(line.getLevel()).isEqualTo(Level.INFO);
    assertThat(parts(line))
        .containsExactly(
            Map.entry("event", "LogLevelChanged"),
            Map.entry("eventId", 42L),
            Map.entry("logger", "dev.understudy.probe"),
            Map.entry("to", "DEBUG"),
            Map.entry("operator", "alice"));
  }

  @Test
  void a_refused_file_is_an_error_that_lists_the_first_problems() {
    List<String> problems = Collections.nCopies(25, "line 3: pools.x: expected y");
    ILoggingEvent line = line(new Event.ConfigurationRejected("g.yaml", problems, "Refused"));
    assertThat(line.getLevel()).isEqualTo(Level.ERROR);
    assertThat(line.getFormattedMessage())
        .startsWith("Refused [line 3: pools.x: expected y; ")
        .endsWith("; and 5 more]");
    assertThat(parts(line)).containsEntry("file", "g.yaml").doesNotContainKey("pool");
  }

  @Test
  void an_applied_file_is_logged() {
    assertThat(
            line(new Event.ConfigurationApplied(
                    "g.yaml", List.of(), List.of(), List.of(), "Applied"))
                .getLevel())
        .isEqualTo(Level.INFO);
  }

  @Test
  void warnings_of_an_applied_file_are_logged_up_to_a_limit() {
    List<String> warnings = Collections.nCopies(25, "g.yaml:3: warning: w");
    ILoggingEvent line =
        line(new Event.ConfigurationApplied("g.yaml", warnings, List.of(), List.of(), "Applied"));
    assertThat(line.getLevel()).isEqualTo(Level.WARN);
    assertThat(line.getFormattedMessage())
        .startsWith("Applied [g.yaml:3: warning: w; ")
        .endsWith("; and 5 more]");
  }

  @Test
  void changes_of_an_applied_file_are_logged_in_ascii() {
    List<String> changes = List.of("pool shop: health.interval 2s → 1s");
    ILoggingEvent line =
        line(
            new Event.ConfigurationApplied(
                "g.yaml", List.of(), changes, List.of(SENSE), "Applied; 2s → 1s"));
    assertThat(line.getFormattedMessage()).isEqualTo("Applied; 2s -> 1s");
    assertThat(parts(line))
        .containsEntry("changes", "pool shop: health.interval 2s -> 1s")
        .containsEntry("removedPools", "sense");
  }

  @Test
  void a_start_after_a_crash_is_a_warning_and_any_other_is_none() {
    assertThat(line(new Event.Started("1", "g.yaml", null, null, "started")).getLevel())
        .isEqualTo(Level.INFO);
    assertThat(
            line(new Event.Started("1", "g.yaml", RunEnd.STOPPED, Instant.EPOCH, "started"))
                .getLevel())
        .isEqualTo(Level.INFO);
    ILoggingEvent line =
        line(new Event.Started("1", "g.yaml", RunEnd.CRASHED, Instant.EPOCH, "started"));
    assertThat(line.getLevel()).isEqualTo(Level.WARN);
    assertThat(parts(line))
        .containsEntry("version", "1")
        .containsEntry("lastEnd", "CRASHED")
        .containsEntry("lastAlive", "1970-01-01T00:00:00Z");
    assertThat(line(new Event.Stopped("stopped")).getLevel()).isEqualTo(Level.INFO);
  }

  @Test
  void text_from_a_server_cannot_forge_a_line() {
    ILoggingEvent line =
        line(
            new Event.HealthChanged(
                SENSE,
                SEN2,
                HealthStatus.UP,
                HealthStatus.DOWN,
                1,
                "body\r\nERROR x\u2028\u001b[2J",
                "a\nb"));
    assertThat(line.getFormattedMessage()).isEqualTo("a\\u000ab");
    assertThat(parts(line)).containsEntry("evidence", "body\\u000d\\u000aERROR x\\u2028\\u001b[2J");
  }

  @Test
  void boots_structured_logging_carries_the_parts() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.putObject(Environment.class.getName(), new StandardEnvironment());
    StructuredLogEncoder encoder = new StructuredLogEncoder();
    encoder.setContext(context);
    encoder.setFormat("logstash");
    encoder.setCharset(StandardCharsets.UTF_8);
    encoder.start();
    byte[] json = encoder.encode(line(switched(SEN1, SwitchReason.FAILBACK)));
    JsonNode read = JsonMapper.shared().readTree(json);
    assertThat(read.path("reason").asString()).isEqualTo("FAILBACK");
    assertThat(read.path("epoch").asLong()).isEqualTo(8);
    assertThat(read.path("pool").asString()).isEqualTo("sense");
    encoder.stop();
  }

  private static Event switched(@Nullable ServerId to, SwitchReason reason) {
    return new Event.Switched(
        SENSE,
        SEN2,
        to,
        reason,
        8,
        "status 503, 3 times",
        "proxy-2",
        Duration.ofMillis(180),
        null,
        null,
        "sen1 serves instead of sen2");
  }

  private ILoggingEvent line(Event event) {
    log.events().clear();
    events.happened(new EventLog.Entry(42, Instant.EPOCH, event));
    assertThat(log.events()).hasSize(1);
    return log.events().get(0);
  }

  private static Map<String, Object> parts(ILoggingEvent line) {
    Map<String, Object> parts = new LinkedHashMap<>();
    line.getKeyValuePairs().forEach(pair -> parts.put(pair.key, pair.value));
    return parts;
  }
}
