package dev.understudy.monitor;

import static dev.understudy.monitor.SimWorld.MS;
import static dev.understudy.monitor.SimWorld.SECOND;
import static dev.understudy.monitor.SimWorld.require;

import dev.understudy.agreement.PlannedSwitchForm;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.Operator;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchPhase;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Sees each change of a simulation's store, and whether replicas were allowed to make it. */
final class SimWitness {
  static final RegisterKey POOL = RegisterKey.pool(SensePool.SENSE.value());
  private static final Pattern OPERATOR = Pattern.compile("\\bop-\\d+\\b");

  private final SimWorld world;
  private final Map<Long, String> holders = new HashMap<>();
  private final NavigableMap<Long, Long> begun = new TreeMap<>();
  private final Set<String> known = new TreeSet<>();
  private final Map<String, VoteTrail> trails = new TreeMap<>();
  private long switches;
  private long quietFrom = Long.MAX_VALUE;
  private boolean doctored;
  private boolean doctoring;
  private long restoredAt = -10 * SECOND;
  private long commandedAt = -8 * SECOND;
  private String lastStates = "";

  /** Before a backup was restored; null once an operator has changed them. */
  private @Nullable String statesBeforeRestore;

  private final Map<String, SwitchPhase> ends = new HashMap<>();

  /** The operators whose commands the record shows, and those who were told that it does not. */
  private final Set<String> carriedOut = new HashSet<>();

  private final Set<String> refused = new HashSet<>();
  private String lastPlanned = "";
  private @Nullable SimHooks hooks;
  private Consumer<PlannedSwitch> moved = planned -> {};
  private @Nullable String lastHolder;

  /** When a voter wrote last, and when it was last against each server. */
  private static final class VoteTrail {
    long written;

    /** After a silence for which others may have ceased to count it, and not know yet. */
    long returned = -2 * SECOND;

    boolean synced;
    boolean ready;
    String votes = "";
    final Map<String, Long> against = new HashMap<>();

    /** When it last said that it had no time to check that server. */
    final Map<String, Long> late = new HashMap<>();
  }

  SimWitness(SimWorld world) {
    this.world = world;
  }

  /** From then on nothing happens any more that calls for a switch. */
  void quietFrom(long time) {
    quietFrom = time;
  }

  /** An operator asks for something now. */
  void commanded() {
    commandedAt = world.now();
  }

  /** What follows, until {@link #doctored}, people do by hand. */
  void doctoring() {
    doctored = true;
    doctoring = true;
  }

  void doctored() {
    doctoring = false;
  }

  /** All is as it was when a backup was made. */
  void restored(@Nullable RegisterEntry record) {
    restoredAt = world.now();
    statesBeforeRestore = lastStates;
    lastHolder = record == null ? "" : identity(record.document());
    lastStates = record == null ? "" : states(record.document());
  }

  /** Whether people had their hands in the store. */
  boolean wasDoctored() {
    return doctored;
  }

  /** When the first epoch above that one began; null if none has. */
  @Nullable Long nextBegan(long epoch) {
    Map.Entry<Long, Long> next = begun.higherEntry(epoch);
    return next == null ? null : next.getValue();
  }

  long switches() {
    return switches;
  }

  /** An operator was told that nothing was changed. */
  void refused(Operator by) {
    String name = Objects.requireNonNull(by.name());
    require(
        !carriedOut.contains(name),
        () -> "what " + name + " asked for is carried out, and refused");
    refused.add(name);
  }

  /** Operators have names of their own, each for one command. */
  private void carriedOut(RegisterDocument document) {
    Matcher names = OPERATOR.matcher(document.attributes().toString());
    while (names.find()) {
      String name = names.group();
      carriedOut.add(name);
      require(
          !refused.contains(name), () -> "what " + name + " asked for is refused, and carried out");
    }
  }

  /** The store took a change. */
  void written(SimStore.Change change) {
    RegisterDocument document = change.document();
    if (change.key().kind() == RegisterKey.Kind.VOTER) {
      voted(change.key().name(), document);
    } else if (document != null) {
      carriedOut(document);
      decided(document);
    }
  }

  private void voted(String name, @Nullable RegisterDocument document) {
    if (document == null) {
      trails.remove(name);
      return;
    }
    VoteTrail trail = trails.computeIfAbsent(name, any -> new VoteTrail());
    if (world.now() - trail.written > 5 * SECOND) {
      trail.returned = world.now();
    }
    trail.written = world.now();
    trail.synced = "true".equals(document.attributes().get("synced"));
    trail.ready = !"false".equals(document.attributes().get("ready"));
    trail.votes = document.attributes().getOrDefault("votes", "");
    for (String server : known) {
      if (isAgainst(trail.votes, server)) {
        trail.against.put(server, world.now());
      }
      if (isLate(trail.votes, server)) {
        trail.late.put(server, world.now());
      }
    }
  }

  private static boolean isLate(String votes, String server) {
    return votes.contains("\"" + server + "\":\"LATE");
  }

  /** DOWN or open, or not in its file. */
  private static boolean isAgainst(String votes, String server) {
    String row = "\"" + server + "\":\"";
    int at = votes.indexOf(row);
    if (at < 0) {
      return true;
    }
    int value = at + row.length();
    return !votes.startsWith("UP", value)
        && !votes.startsWith("UNKNOWN", value)
        && !votes.startsWith("LATE", value);
  }

  /** What hooks were carried out is there. */
  void follow(SimHooks called) {
    hooks = called;
  }

  /** The role moves only once the old server was fenced and the new one promoted. */
  private void checkHooks(PlannedSwitch planned) {
    for (PlannedSwitch.Stage past : planned.stages()) {
      boolean fenced = past.phase() == SwitchPhase.FENCING;
      if (fenced || past.phase() == SwitchPhase.PROMOTING) {
        String hook = fenced ? "demote" : "promote";
        String server = (fenced ? planned.from() : planned.to()).value();
        require(
            hooks == null
                || !hooks.isSet(hook)
                || hooks.wasCarriedOut(hook, server, planned.epoch()),
            "the role moves although " + hook + " of " + server + " was not carried out");
      }
    }
  }

  /** From now on each planned switch that moved the role is told to that listener, at once. */
  void onMoved(Consumer<PlannedSwitch> listener) {
    moved = listener;
  }

  /** The planned switches that ended so, each counted once. */
  Map<SwitchPhase, Integer> ended() {
    Map<SwitchPhase, Integer> counts = new EnumMap<>(SwitchPhase.class);
    ends.values().forEach(phase -> counts.merge(phase, 1, Integer::sum));
    return counts;
  }

  private void planned(RegisterDocument document) {
    PlannedSwitchForm form = planned(document.attributes().get("planned"));
    PlannedSwitch planned = form == null ? null : form.value();
    if (planned != null && planned.phase().isOver()) {
      SwitchPhase before = ends.put(planned.id(), planned.phase());
      require(
          before == null || before == planned.phase() || doctored,
          "a planned switch ended twice: " + before + ", " + planned.phase());
      boolean fenced =
          planned.stages().stream().anyMatch(stage -> stage.phase() == SwitchPhase.FENCING);
      if (before == null && fenced && planned.phase() != SwitchPhase.MOVED && hooks != null) {
        hooks.ended(planned.from().value());
      }
      if (before == null && planned.phase() == SwitchPhase.MOVED && !doctored) {
        moved.accept(planned);
        checkHooks(planned);
      }
    }
    if (planned != null && !planned.toString().equals(lastPlanned)) {
      lastPlanned = planned.toString();
      world.tell("record: " + planned);
    }
  }

  /** One that was scheduled begins late if the clock of the replica that took over is behind. */
  private static boolean isPlanned(RegisterDocument document) {
    PlannedSwitchForm form = planned(document.attributes().get("planned"));
    if (form == null) {
      return false;
    }
    PlannedSwitch planned = form.value();
    // What the policy decides then may have to be promoted first, and again.
    return planned.phase() == SwitchPhase.FAILED
        ? planned.leftNobody()
        : planned.phase() == SwitchPhase.MOVED && planned.epoch() == document.transitions();
  }

  private static @Nullable PlannedSwitchForm planned(@Nullable String json) {
    return json == null ? null : JsonMapper.shared().readValue(json, PlannedSwitchForm.class);
  }

  private void decided(RegisterDocument document) {
    begun.putIfAbsent(document.transitions(), world.now());
    planned(document);
    String holder = identity(document);
    String newStates = states(document);
    if (doctoring) {
      lastHolder = holder;
      lastStates = newStates;
      return;
    }
    // Nobody but an operator changes them: no stale replica, no switch, no repair but that of a
    // restored backup, whenever a replica that knows better is in touch again.
    boolean commanded = world.now() - commandedAt < 8 * SECOND;
    require(
        newStates.equals(lastStates)
            || commanded
            || world.now() - restoredAt < 10 * SECOND
            || newStates.equals(statesBeforeRestore),
        "operators' states became " + newStates + ", they were " + lastStates);
    if (commanded) {
      statesBeforeRestore = null;
    }
    lastStates = newStates;
    require(
        holder.equals(lastHolder)
            || world.now() < quietFrom
            || isPlanned(document)
            || (hooks != null && hooks.isDisturbed())
            // Nobody serves until a promotion succeeds at last.
            || (hooks != null && hooks.isSet("promote") && "".equals(lastHolder))
            || reason(document).equals(SwitchReason.FAILBACK.name()),
        "a switch although nothing happens: " + holder);
    String reason = reason(document);
    if (!Objects.equals(holder, lastHolder)) {
      switches++;
      world.tell(
          "record: "
              + holder
              + " in epoch "
              + document.transitions()
              + " by "
              + document.attributes().get("decided-by")
              + ": "
              + reason
              + " ("
              + document.attributes().get("evidence")
              + ")");
      if (hooks != null) {
        hooks.moved(document.holder(), document.transitions(), isPlanned(document), reason);
      }
      checkMajority(reason, document);
    }
    lastHolder = holder;
    if (!doctored) {
      String before = holders.putIfAbsent(document.transitions(), holder);
      require(
          before == null || before.equals(holder),
          "two holders of epoch " + document.transitions() + ": " + before + ", " + holder);
    }
  }

  private static String states(RegisterDocument document) {
    return SimVersion.knownStates(document);
  }

  private static String reason(RegisterDocument document) {
    return document.attributes().getOrDefault("reason", "");
  }

  private String identity(RegisterDocument document) {
    if (document.holder().isEmpty()) {
      return "";
    }
    String identity = document.holder() + "@" + document.attributes().get("address");
    if (known.add(identity)) {
      trails
          .values()
          .forEach(
              trail -> {
                if (isAgainst(trail.votes, identity)) {
                  trail.against.put(identity, world.now());
                }
              });
    }
    return identity;
  }

  /**
   * Who left a server on health checks must have had a majority of all behind it that live and had
   * time to check it.
   */
  private void checkMajority(String reason, RegisterDocument document) {
    String left = lastHolder;
    String evidence = document.attributes().getOrDefault("evidence", "");
    boolean byHealth =
        reason.equals(SwitchReason.HEALTH_CHECK_FAILED.name())
            || reason.equals(SwitchReason.CONNECTION_FAILED.name());
    boolean votesWereLost = world.now() - restoredAt < 10 * SECOND;
    if (votesWereLost
        || !byHealth
        || left == null
        || left.isEmpty()
        || evidence.contains("written anew")
        || evidence.contains("while they were out of touch")) {
      return;
    }
    // As whoever decided may have seen it: those that just returned counted or not yet, the unready
    // counted or, where else nobody could serve, not.
    require(
        isMajority(left, trail -> true)
            || isMajority(left, trail -> trail.ready)
            || isMajority(left, trail -> world.now() - trail.returned > 2 * SECOND),
        left + " was left without a majority of those that live");
  }

  private boolean isMajority(String left, Predicate<VoteTrail> counted) {
    int living = 0;
    int against = 0;
    for (VoteTrail trail : trails.values()) {
      boolean lives = world.now() - trail.written < 5_800 * MS;
      if (lives && trail.synced && counted.test(trail)) {
        // What it said last stands while it counts; who decides may not have heard that yet.
        boolean isAgainst = isRecent(trail.against, left) || isAgainst(trail.votes, left);
        boolean isLate = isRecent(trail.late, left) || isLate(trail.votes, left);
        living += isAgainst || !isLate ? 1 : 0;
        against += isAgainst ? 1 : 0;
      }
    }
    return against * 2 > living;
  }

  private boolean isRecent(Map<String, Long> said, String of) {
    return world.now() - said.getOrDefault(of, -10 * SECOND) < 3 * SECOND;
  }
}
