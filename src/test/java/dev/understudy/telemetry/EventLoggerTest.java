package dev.understudy.telemetry;

import static dev.understudy.testing.Json.assertHas;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.understudy.event.Event;
import dev.understudy.event.EventLog;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.event.ReplicaEvent.RunEnd;
import dev.understudy.event.ServerEvent;
import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.Snapshot;
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
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
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

  private static final Operator ALICE = new Operator("alice", "disk swap");
  private static final String PROBLEM = "g.yaml:3: warning: w";

  private static Event changed(HealthStatus from, HealthStatus to) {
    return new ServerEvent.HealthChanged(SENSE, SEN2, from, to, 1, "refused", "changed");
  }

  private static Event applied(List<String> warnings, List<String> changes, PoolId... removed) {
    return new ReplicaEvent.ConfigurationApplied(
        "g.yaml", warnings, changes, List.of(removed), "Applied; 2s → 1s");
  }

  private static Event started(@Nullable RunEnd lastEnd) {
    return new ReplicaEvent.Started(
        "1", "g.yaml", lastEnd, lastEnd == null ? null : Instant.EPOCH, "started");
  }

  private static Event set(@Nullable Operator by) {
    return new ServerEvent.OperatorStateChanged(
        SENSE, SEN2, OperatorState.READY, OperatorState.DRAIN, by, "set to drain");
  }

  /** Each event's level and the parts of its line. */
  static List<Arguments> lines() {
    return List.of(
        arguments(
            switched(SEN1, SwitchReason.HEALTH_CHECK_FAILED),
            "WARN from=sen2 to=sen1 reason=HEALTH_CHECK_FAILED epoch=8"
                + " evidence=status 503, 3 times decidedBy=proxy-2 tookMillis=180"),
        arguments(
            switched(null, SwitchReason.NO_SERVER),
            "ERROR from=sen2 reason=NO_SERVER epoch=8"
                + " evidence=status 503, 3 times decidedBy=proxy-2 tookMillis=180"),
        arguments(
            changed(HealthStatus.UP, HealthStatus.DOWN),
            "WARN server=sen2 from=UP to=DOWN count=1 evidence=refused"),
        arguments(
            changed(HealthStatus.DOWN, HealthStatus.UP),
            "INFO server=sen2 from=DOWN to=UP count=1 evidence=refused"),
        arguments(
            changed(HealthStatus.UNKNOWN, HealthStatus.UP),
            "INFO server=sen2 from=UNKNOWN to=UP count=1 evidence=refused"),
        arguments(
            changed(HealthStatus.UNKNOWN, HealthStatus.DOWN),
            "WARN server=sen2 from=UNKNOWN to=DOWN count=1 evidence=refused"),
        arguments(
            new Event.FailbackAwaited(SENSE, SEN1, SEN2, Instant.EPOCH, "damped", "sen2 waits"),
            "INFO serving=sen1 better=sen2 due=1970-01-01T00:00:00Z heldBy=damped"),
        arguments(new Event.Pinned(SENSE, SEN1, null, "pinned"), "INFO server=sen1"),
        arguments(
            new Event.Pinned(SENSE, SEN1, ALICE, "pinned"),
            "INFO server=sen1 operator=alice operatorReason=disk swap"),
        arguments(new Event.Pinned(SENSE, null, null, "no longer pinned"), "INFO"),
        arguments(
            new Event.Kept(SENSE, SEN1, 10, "kept from the state file", "kept"),
            "INFO serving=sen1 epoch=10 evidence=kept from the state file"),
        arguments(
            new Event.ServesDown(SENSE, SEN1, "status 503", "goes on"),
            "WARN server=sen1 evidence=status 503"),
        arguments(
            new Event.NobodyServes(SENSE, false, "sen1: DOWN", "nobody serves"),
            "ERROR over=false evidence=sen1: DOWN"),
        arguments(
            new ServerEvent.CircuitChanged(SENSE, SEN2, true, "opened"),
            "WARN server=sen2 open=true"),
        arguments(
            new ServerEvent.CircuitChanged(SENSE, SEN2, false, "closed"),
            "INFO server=sen2 open=false"),
        arguments(set(null), "INFO server=sen2 from=READY to=DRAIN"),
        arguments(
            set(new Operator("bob", null)), "INFO server=sen2 from=READY to=DRAIN operator=bob"),
        arguments(
            new ReplicaEvent.LogLevelChanged("dev.understudy.probe", null, "DEBUG", ALICE, "set"),
            "INFO logger=dev.understudy.probe to=DEBUG operator=alice operatorReason=disk swap"),
        arguments(
            new ReplicaEvent.ConfigurationRejected("g.yaml", List.of("p"), "Refused"),
            "ERROR file=g.yaml problems=p"),
        arguments(applied(List.of(), List.of()), "INFO file=g.yaml"),
        arguments(
            applied(List.of(PROBLEM), List.of()), "WARN file=g.yaml warnings=g.yaml:3: warning: w"),
        arguments(
            applied(List.of(), List.of("pool shop: 2s → 1s"), SENSE),
            "INFO file=g.yaml changes=pool shop: 2s -> 1s removedPools=sense"),
        arguments(started(null), "INFO version=1 file=g.yaml"),
        arguments(
            started(RunEnd.STOPPED),
            "INFO version=1 file=g.yaml lastEnd=STOPPED lastAlive=1970-01-01T00:00:00Z"),
        arguments(
            started(RunEnd.CRASHED),
            "WARN version=1 file=g.yaml lastEnd=CRASHED lastAlive=1970-01-01T00:00:00Z"),
        arguments(new ReplicaEvent.Stopped("stopped"), "INFO"));
  }

  @ParameterizedTest
  @MethodSource("lines")
  void an_event_is_a_line_of_its_level_with_all_that_is_known(Event event, String expected) {
    ILoggingEvent line = line(event);
    Map<String, Object> parts = parts(line);
    assertThat(parts.remove("event")).isEqualTo(event.getClass().getSimpleName());
    assertThat(parts.remove("eventId")).isEqualTo(42L);
    assertThat(parts.remove("pool")).isEqualTo(event.pool() == null ? null : "sense");
    assertThat(
            parts.entrySet().stream()
                .map(part -> part.getKey() + "=" + part.getValue())
                .collect(Collectors.joining(" ", line.getLevel() + " ", ""))
                .strip())
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NO_SERVER")
  void a_switch_is_a_warning_where_something_failed(SwitchReason reason) {
    boolean failed =
        Set.of(
                SwitchReason.HEALTH_CHECK_FAILED,
                SwitchReason.CONNECTION_FAILED,
                SwitchReason.CIRCUIT_OPEN)
            .contains(reason);
    assertThat(line(switched(SEN1, reason)).getLevel()).isEqualTo(failed ? Level.WARN : Level.INFO);
  }

  @Test
  void a_line_is_the_events_sentence_in_ascii_with_problems_up_to_a_limit() {
    assertThat(line(switched(SEN1, SwitchReason.FAILBACK)).getFormattedMessage())
        .isEqualTo("sen1 serves instead of sen2");
    assertThat(line(applied(List.of(), List.of())).getFormattedMessage())
        .isEqualTo("Applied; 2s -> 1s");
    List<String> many = Collections.nCopies(25, PROBLEM);
    assertThat(line(applied(many, List.of())).getFormattedMessage())
        .startsWith("Applied; 2s -> 1s [" + PROBLEM + "; ")
        .endsWith("; and 5 more]");
    assertThat(line(new ReplicaEvent.ConfigurationRejected("g.yaml", many, "Refused")))
        .extracting(ILoggingEvent::getFormattedMessage)
        .asString()
        .startsWith("Refused [" + PROBLEM + "; ")
        .endsWith("; and 5 more]");
  }

  @Test
  void the_first_judgement_is_one_line_and_later_events_have_one_each() {
    EventLogger starting = EventLogger.atStart();
    starting.happened(entry(changed(HealthStatus.UNKNOWN, HealthStatus.UP)));
    starting.happened(entry(changed(HealthStatus.UNKNOWN, HealthStatus.DOWN)));
    starting.happened(entry(switched(SEN1, SwitchReason.INITIAL)));
    starting.happened(entry(new Event.Kept(SENSE, SEN1, 10, "kept", "kept")));
    starting.happened(entry(new Event.NobodyServes(SENSE, false, "none", "nobody serves")));
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
        .hasToString(
            "{event=FirstJudgement, poolsServed=1, poolsNotServed=0, serversUp=1, serversNotUp=0}");

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

  private static EventLog.Entry entry(Event event) {
    return new EventLog.Entry(42, Instant.EPOCH, event);
  }

  @Test
  void text_from_a_server_cannot_forge_a_line() {
    ILoggingEvent line =
        line(new Event.Kept(SENSE, SEN2, 1, "body\r\nERROR x\u2028\u001b[2J", "a\nb"));
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
    assertHas(read, "{reason: \"FAILBACK\", epoch: 8, pool: \"sense\"}");
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
    events.happened(entry(event));
    assertThat(log.events()).hasSize(1);
    return log.events().get(0);
  }

  private static Map<String, Object> parts(ILoggingEvent line) {
    Map<String, Object> parts = new LinkedHashMap<>();
    line.getKeyValuePairs().forEach(pair -> parts.put(pair.key, pair.value));
    return parts;
  }
}
