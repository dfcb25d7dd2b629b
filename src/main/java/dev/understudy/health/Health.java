package dev.understudy.health;

import dev.understudy.health.Observation.Traffic;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.AgentCheck;
import dev.understudy.pool.HealthSettings;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The health of one server: an immutable value that each observation replaces by the next.
 *
 * <p><i>n</i> is the length of the current run ({@link ObservationRun}): bad observations in a row
 * while UP, good probes in a row while DOWN. <i>Soon</i> is now, but not before {@code
 * fast-interval} / 10 has passed since the newest probe was started. What is not in the table
 * changes nothing.
 *
 * <table>
 * <caption>Transitions</caption>
 * <tr><th>status<th>observation<th>becomes<th>next probe
 * <tr><td>any<td>voided probe<td>the same<td>now, but {@code fast-interval} after the newest
 *     start
 * <tr><td>any<td>probe that failed for want of a resource of this machine<td>the same<td>as for a
 *     voided probe
 * <tr><td>UNKNOWN<td>good probe<td>UP<td>after {@code interval}
 * <tr><td>UNKNOWN<td>bad probe<td>DOWN<td>after {@code down-interval}
 * <tr><td>UP<td>good probe<td>UP, n = the bad ones that began after
 *     it was asked, not suspected<td>after {@code interval}
 * <tr><td>UP, n + 1 &lt; fall<td>bad probe<td>UP, n + 1<td>after {@code fast-interval}; {@link
 *     ProbeOutcome#disconnected}: soon
 * <tr><td>UP, n + 1 &ge; fall<td>bad probe<td>DOWN<td>after {@code down-interval}
 * <tr><td>UP<td>probe with a response that was asked after the suspicion<td>not suspected
 *     (beside the above)<td>
 * <tr><td>UP<td>traffic CONNECT_FAILED, CONNECT_TIMED_OUT; once per {@code fast-interval}
 *     <td>UP, n + 1, at most fall - 1, and it {@link #refusesClients} until a later probe finds it
 *     UP<td>after {@code fast-interval}; refused: soon
 * <tr><td>UP<td>traffic SILENT; once per {@code interval}<td>UP, suspected<td>soon, then after
 *     {@code fast-interval}
 * <tr><td>UP<td>traffic BROKEN, NO_PORT<td>the same<td>soon
 * <tr><td>DOWN, n + 1 &lt; rise<td>good probe<td>DOWN, n + 1<td>after {@code fast-interval}
 * <tr><td>DOWN, n + 1 &ge; rise<td>good probe<td>UP<td>after {@code interval}
 * <tr><td>DOWN<td>bad probe<td>DOWN, n = 0<td>after {@code down-interval}
 * <tr><td>UP, UNKNOWN<td>agent: bad<td>DOWN; n = rise if it was UP and n = 0<td>after {@code
 *     down-interval}
 * <tr><td>DOWN by the agent, n + 1 &ge; rise<td>good probe<td>DOWN, n = rise<td>after {@code
 *     down-interval}
 * <tr><td>DOWN by the agent, n &ge; rise<td>agent: good<td>UP<td>after {@code interval}
 * </table>
 *
 * <p>The time "after" is counted from the <i>start</i> of the newest probe, so that probes of a
 * frozen server overlap, {@link ProbeSchedule#MOST_IN_FLIGHT} at most. While UNKNOWN, probes are
 * {@code fast-interval} apart too.
 *
 * <p>Order: a probe counts however late it ends, as of when it was asked. A good one takes back the
 * bad observations that began before it was asked, and no others; a bad one that was asked before
 * the newest good one is dropped, and so is a failed connection of traffic. Traffic outdates no
 * probe: otherwise a connect time-out shorter than the probes' would keep a frozen server UP for
 * ever.
 *
 * <p>{@link Punctuality} has the table of checks that come too late.
 */
public final class Health {
  private final HealthSettings settings;
  private final StatusEvidence current;
  private final ObservationRun run;
  private final TrafficEvidence passive;
  private final ProbeSchedule probes;

  private final Punctuality punctuality;

  /** Whether the server's agent says that it is bad. */
  private final boolean agentBad;

  private Health(
      HealthSettings settings,
      StatusEvidence current,
      ObservationRun run,
      TrafficEvidence passive,
      ProbeSchedule probes,
      Punctuality punctuality,
      boolean agentBad) {
    this.settings = settings;
    this.current = current;
    this.run = run;
    this.passive = passive;
    this.probes = probes;
    this.punctuality = punctuality;
    this.agentBad = agentBad;
  }

  /** The health of a server without any observation; its first probe is due now. */
  public static Health unknown(HealthSettings settings, Instant now) {
    return new Health(
        settings,
        new StatusEvidence(HealthStatus.UNKNOWN, now, false, "not probed yet"),
        ObservationRun.NONE,
        TrafficEvidence.NONE,
        ProbeSchedule.firstDueAt(now),
        Punctuality.since(now),
        false);
  }

  /**
   * The health without any observation but what the agent says, which holds until the agent says
   * otherwise.
   */
  public Health unjudged(Instant now) {
    return unknown(settings, now).withAgentBad(agentBad);
  }

  /** The same health, if another process of this replica has known the status for longer. */
  public Health knownSince(HealthStatus status, Instant since, String evidence) {
    return status == current.status() && since.isBefore(current.since())
        ? with(new StatusEvidence(status, since, current.connectionFailed(), evidence))
        : this;
  }

  /**
   * The same health under other settings, after a reload. The status stays; if the check changed,
   * it is {@link #probedAnew}.
   */
  public Health with(HealthSettings settings) {
    // The reply of an agent that is no longer asked is forgotten.
    boolean bad = agentBad && AgentCheck.isSame(settings.agent(), this.settings.agent());
    Health next = new Health(settings, current, run, passive, probes, punctuality, bad);
    return settings.check().equals(this.settings.check()) ? next : next.probedAnew();
  }

  /**
   * The same status, which other probes than those so far judge from now on: the current run is
   * forgotten, probes in flight are voided, and a new probe is due at once.
   */
  public Health probedAnew() {
    return with(current.status() == HealthStatus.DOWN ? run.restarted() : ObservationRun.NONE)
        .with(passive.unsuspected())
        .with(probes.allVoided());
  }

  /**
   * Judges one observation. A probe counts only if {@link #probeStarted} announced it and {@link
   * #probeVoided} did not take it back.
   *
   * @param now when the observation was made; never before that of the previous call
   */
  public Health observe(Observation observation, Instant now) {
    return switch (observation) {
      case Observation.Probe probe -> observeProbe(probe, now);
      case Traffic traffic -> observeTraffic(traffic, now);
      case Observation.Agent agent -> observeAgent(agent, now);
    };
  }

  /**
   * Announces a probe.
   *
   * @param start identifies the probe; its observation carries the same
   * @throws IllegalStateException if {@link ProbeSchedule#mayStart} is false
   */
  public Health probeStarted(Instant start) {
    return with(probes.started(start));
  }

  /**
   * Takes back a probe that tells nothing about the server, as our own process was paused or had no
   * means to make it. Another one is due {@code fast-interval} after the newest start. Has no
   * effect if the probe is not in flight.
   */
  public Health probeVoided(Instant start) {
    return with(probes.voided(start, settings.fastInterval()));
  }

  /** Whether the end of the probe that started then counts: it is in flight, and none is newer. */
  public boolean counts(Instant start) {
    return probes.inFlight().contains(start) && !probes.isOlderThanNewest(start);
  }

  /** When the next probe is due, without jitter and whatever is in flight; may be past. */
  public Instant nextProbe() {
    return nextProbe(1);
  }

  /**
   * The same where {@code interval} and {@code down-interval} are longer by a factor, as this
   * process has too little time.
   */
  public Instant nextProbe(double stretch) {
    Duration spacing = spacing();
    return probes.nextDue(
        isHasty() || stretch == 1
            ? spacing
            : Duration.ofNanos((long) (spacing.toNanos() * stretch)));
  }

  /** Whether jitter may be added to {@link #nextProbe}: nothing changes, nothing is urgent. */
  public boolean settled() {
    return !isHasty() && !probes.wanted();
  }

  public ProbeSchedule probes() {
    return probes;
  }

  public HealthSettings settings() {
    return settings;
  }

  public HealthStatus status() {
    return current.status();
  }

  /** When the status became what it is. */
  public Instant statusSince() {
    return current.since();
  }

  /**
   * The observations behind the status, for people: {@code "3 bad observations in a row, last:
   * status 503"}.
   */
  public String evidence() {
    return current.evidence();
  }

  /** Whether the server is DOWN because the deciding probe could not connect; false unless DOWN. */
  public boolean connectionFailed() {
    return current.connectionFailed();
  }

  /** Whether the newest probe that ended had a response, good or bad; false before the first. */
  public boolean lastProbeHadResponse() {
    return probes.lastHadResponse();
  }

  /**
   * Start of the first bad observation of the current run, a suspicion included; while DOWN, of the
   * run that made the server DOWN. Null if nothing is bad.
   */
  public @Nullable Instant firstBad() {
    return run.firstBad();
  }

  /** Whether the server fell silent under traffic and has responded to no probe since. */
  public boolean suspected() {
    return passive.suspected();
  }

  /**
   * Whether clients could not connect, and no probe since has shown that they can again: a probe
   * that goes elsewhere has to connect where they do, too.
   */
  public boolean refusesClients() {
    return passive.refused() != null;
  }

  private Health observeProbe(Observation.Probe probe, Instant now) {
    Instant start = probe.started();
    if (!probes.inFlight().contains(start) || !probe.outcome().isObservation()) {
      return probeVoided(start);
    }
    boolean responded = probe.outcome().hasResponse();
    Health next =
        with(responded ? passive.responded(probe.asked()) : passive)
            .with(
                probes.isOlderThanNewest(start)
                    ? probes.ended(start)
                    : probes.endedAsNewest(start, responded))
            .checked(probe.asked());
    if (probe.outcome().good()) {
      return next.good(probe.asked(), now).reached(probe.asked());
    }
    Health judged = next.bad(probe, now);
    return judged.status() == HealthStatus.DOWN
        ? judged.with(judged.punctuality.down(probe.asked()))
        : judged;
  }

  /**
   * The same, of a server that was looked at by a check that was asked then: in time, though what
   * it found is not to count.
   */
  public Health checked(Instant asked) {
    return with(punctuality.checked(asked, bound()));
  }

  /** The same, or one whose checks have come to be late. */
  public Health at(Instant now) {
    Punctuality next = punctuality.at(now, bound());
    return next.equals(punctuality) ? this : with(next);
  }

  private Duration bound() {
    return Punctuality.bound(settings, current.status());
  }

  /**
   * Whether the checks are late: none that counted was asked within max(3 × {@code interval},
   * {@code interval} + 2 × {@code timeout}). Two in time end it, and one by which the server is
   * DOWN.
   */
  public boolean isLate() {
    return punctuality.late();
  }

  /**
   * Since when the status has been known without a break: it became what it is, or the checks came
   * to be in time again.
   */
  public Instant unbrokenSince() {
    Instant inTime = punctuality.since();
    return inTime.isAfter(current.since()) ? inTime : current.since();
  }

  /**
   * When the newest check was asked that counted; before the first, when the server became known.
   */
  public Instant newestCheck() {
    return punctuality.newest();
  }

  private Health reached(Instant asked) {
    return current.status() == HealthStatus.UP ? with(passive.reached(asked)) : this;
  }

  private Health good(Instant asked, Instant now) {
    return switch (current.status()) {
      case UNKNOWN ->
          agentBad
              ? down(
                  false, "its agent says that it is bad", run.withGood(settings.rise(), asked), now)
              : up("first probe was good", run.upAndGood(asked), now);
      case UP -> {
        ObservationRun left = run.upAndGood(asked);
        Instant silent = passive.suspected() ? passive.silent() : null;
        yield with(silent == null ? left : left.badSince(silent));
      }
      case DOWN -> {
        ObservationRun longer = run.downAndGood(asked);
        if (agentBad) {
          yield run.length() < settings.rise() ? with(longer) : this;
        }
        yield longer.length() < settings.rise()
            ? with(longer)
            : up(longer.words("good probe", "good probes"), longer, now);
      }
    };
  }

  private Health bad(Observation.Probe probe, Instant now) {
    boolean refused = probe.outcome().unconnected();
    return switch (current.status()) {
      case UNKNOWN ->
          down(
              refused,
              "first probe: " + probe.detail(),
              run.upAndBad(probe.asked()).restarted(),
              now);
      case UP -> {
        ObservationRun longer = run.upAndBad(probe.asked());
        boolean counts = longer.length() > run.length();
        if (counts && longer.length() >= settings.fall()) {
          String count = longer.words("bad observation", "bad observations");
          yield down(refused, count + ", last: " + probe.detail(), longer.restarted(), now);
        }
        Health next = with(longer);
        yield counts && probe.outcome().disconnected() ? next.probingSoon(now) : next;
      }
      case DOWN -> with(run.downAndBad(probe.asked()));
    };
  }

  private Health observeAgent(Observation.Agent agent, Instant now) {
    if (agent.up() != agentBad) {
      return this;
    }
    Health next = withAgentBad(!agent.up());
    if (agent.up()) {
      return current.status() == HealthStatus.DOWN && run.length() >= settings.rise()
          ? next.up("its agent says: " + agent.detail(), run, now)
          : next;
    }
    if (current.status() == HealthStatus.DOWN) {
      return next;
    }
    // Its probes were good so far: the agent alone decides when it is UP again.
    int good = current.status() == HealthStatus.UP && run.length() == 0 ? settings.rise() : 0;
    return next.down(
        false,
        "its agent says: " + agent.detail(),
        ObservationRun.NONE.badSince(agent.started()).withGood(good, agent.started()),
        now);
  }

  private Health observeTraffic(Traffic traffic, Instant now) {
    if (current.status() != HealthStatus.UP) {
      return this;
    }
    return switch (traffic.trouble()) {
      case CONNECT_FAILED, CONNECT_TIMED_OUT -> connectionFailed(traffic, now);
      // A client can break its connections as often as it likes.
      case BROKEN, NO_PORT ->
          changing() ? probingSoon(now) : with(probes.wantedSoon(now, settings.fastInterval()));
      case SILENT -> silent(traffic, now);
    };
  }

  private Health connectionFailed(Traffic traffic, Instant now) {
    ObservationRun longer = run.upAndBad(traffic.started());
    if (longer.length() == run.length()
        || !passive.mayCountConnection(now, settings.fastInterval())) {
      return this;
    }
    Health health =
        with(longer.length() < settings.fall() ? longer : run).with(passive.connectionCounted(now));
    return traffic.trouble() == Trouble.CONNECT_FAILED ? health.probingSoon(now) : health;
  }

  private Health silent(Traffic traffic, Instant now) {
    if (!passive.maySuspect(now, settings.interval())) {
      return this;
    }
    return with(run.badSince(traffic.started())).with(passive.suspecting(now)).probingSoon(now);
  }

  private Health up(String evidence, ObservationRun after, Instant now) {
    return changed(HealthStatus.UP, false, evidence, after.over(), now);
  }

  private Health down(boolean refused, String evidence, ObservationRun after, Instant now) {
    return changed(HealthStatus.DOWN, refused, evidence, after, now);
  }

  private Health changed(
      HealthStatus status,
      boolean connectionFailed,
      String evidence,
      ObservationRun run,
      Instant now) {
    return with(new StatusEvidence(status, now, connectionFailed, evidence))
        .with(run)
        .with(passive.unsuspected())
        .with(probes.withoutExtraProbe());
  }

  private Health probingSoon(Instant now) {
    return with(probes.wantedSoon(now, Duration.ofNanos(settings.fastInterval().toNanos() / 10)));
  }

  private boolean changing() {
    boolean waitsForAgent = agentBad && run.length() >= settings.rise();
    return (run.length() > 0 && !waitsForAgent) || passive.suspected();
  }

  /** Whether probes come at {@code fast-interval}: nothing is known, or something is changing. */
  private boolean isHasty() {
    return current.status() == HealthStatus.UNKNOWN || changing();
  }

  private Duration spacing() {
    if (isHasty()) {
      return settings.fastInterval();
    }
    return current.status() == HealthStatus.UP ? settings.interval() : settings.downInterval();
  }

  private Health with(StatusEvidence current) {
    return new Health(settings, current, run, passive, probes, punctuality, agentBad);
  }

  private Health with(ObservationRun run) {
    return new Health(settings, current, run, passive, probes, punctuality, agentBad);
  }

  private Health with(TrafficEvidence passive) {
    return new Health(settings, current, run, passive, probes, punctuality, agentBad);
  }

  private Health with(ProbeSchedule probes) {
    return new Health(settings, current, run, passive, probes, punctuality, agentBad);
  }

  private Health with(Punctuality punctuality) {
    return new Health(settings, current, run, passive, probes, punctuality, agentBad);
  }

  private Health withAgentBad(boolean bad) {
    return new Health(settings, current, run, passive, probes, punctuality, bad);
  }
}
