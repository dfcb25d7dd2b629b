package dev.understudy.bench.faults;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What can be done to an installation. */
enum Kind {
  KILL_SERVER(On.SERVER, 2, 6, 3, Reach.NOBODY, "SIGKILL"),
  FREEZE_SERVER(On.SERVER, 1, 8, 5, Reach.NOBODY, "SIGSTOP, then SIGCONT"),
  KILL_REPLICA(On.REPLICA, 1, 4, 2, Reach.REPLICA, "SIGKILL, then a new start"),
  FREEZE_REPLICA(On.REPLICA, 1, 10, 3, Reach.REPLICA, "SIGSTOP, then SIGCONT"),
  SUSPEND_REPLICA(On.REPLICA, 1, 10, 3, Reach.REPLICA, "the same, and its time stands still"),
  KILL_STORE(On.STORE, 1, 8, 2, Reach.STORE, "SIGKILL, then a new start"),
  FREEZE_STORE(On.STORE, 1, 8, 2, Reach.STORE, "SIGSTOP, then SIGCONT"),
  CUT(On.PAIR, 2, 10, 7, Reach.REPLICA, "nothing passes between replica and server"),
  CUT_THERE(On.PAIR, 2, 10, 7, Reach.REPLICA, "requests do not arrive"),
  CUT_BACK(On.PAIR, 2, 10, 7, Reach.REPLICA, "responses do not arrive"),
  DELAY(On.PAIR, 2, 8, 3, Reach.REPLICA, "each piece is 150 ms late, both ways"),
  CUT_STORE(On.REPLICA_STORE, 2, 12, 2, Reach.TOUCH, "nothing passes between replica and store"),
  CUT_STORE_THERE(On.REPLICA_STORE, 2, 12, 2, Reach.TOUCH, "requests to the store do not arrive"),
  CUT_STORE_BACK(On.REPLICA_STORE, 2, 12, 2, Reach.TOUCH, "responses of the store do not arrive"),
  SILENCE_STORE(
      On.REPLICA_STORE, 1, 1, 2, Reach.TOUCH, "connections to the store die without a word"),
  DELAY_STORE(On.REPLICA_STORE, 2, 8, 2, Reach.TOUCH, "each piece is 100 ms late, both ways"),
  FILL_DISK(On.DISK, 3, 10, 2, Reach.NOBODY, "no space for state and history"),
  EXHAUST_DESCRIPTORS(On.REPLICA, 2, 6, 3, Reach.REPLICA, "prlimit: two more than are open"),
  SHIFT_CLOCK(On.REPLICA_CLOCK, 2, 10, 2, Reach.NOBODY, "the clock of the day leaps by an hour"),
  FAIL_HOOK(On.HOOKS, 3, 12, 2, Reach.NOBODY, "hooks that a replica calls respond with 500"),
  HANG_HOOK(On.HOOKS, 3, 8, 7, Reach.NOBODY, "hooks that a replica calls respond afterwards"),
  LEAVE_AGENT(On.AGENT, 3, 10, 2, Reach.NOBODY, "says drain or maint, and is gone"),
  UPGRADE(On.REPLICA, 0, 0, 3, Reach.NOBODY, "understudy upgrade"),
  SWAP_RANKS(On.FILES, 3, 10, 2, Reach.NOBODY, "the files of all replicas, one after the other"),
  DELETE_RECORD(On.RECORD, 0, 0, 2, Reach.NOBODY, "the pool's record is deleted"),
  EDIT_RECORD(On.RECORD, 0, 0, 2, Reach.NOBODY, "the record names the other server"),
  SET_RECORD_BACK(On.RECORD, 0, 0, 2, Reach.NOBODY, "the same, under an older epoch"),
  SWITCH(On.OPERATOR, 2, 6, 2, Reach.NOBODY, "an operator switches, later lifts the pin"),
  PLANNED_SWITCH(On.OPERATOR, 2, 6, 6, Reach.NOBODY, "the same, with a pause of 5 s at most"),
  DRAIN(On.OPERATOR, 2, 6, 2, Reach.NOBODY, "an operator drains a server");

  /** What it is done to; two faults are never done to the same at once. */
  enum On {
    SERVER(Parts.SERVERS),
    REPLICA(Parts.REPLICAS),
    REPLICA_CLOCK(Parts.REPLICAS),
    DISK(Parts.REPLICAS),
    REPLICA_STORE(Parts.REPLICAS),
    HOOKS(Parts.REPLICAS),
    AGENT(Parts.SERVERS),
    PAIR(Parts.PAIRS),
    STORE(List.of("store")),
    FILES(List.of("all")),
    RECORD(List.of("record")),
    /** Asked of that replica, about that server. */
    OPERATOR(Parts.PAIRS);

    private final List<String> targets;

    On(List<String> targets) {
      this.targets = targets;
    }

    List<String> targets() {
      return targets;
    }

    /** What no other fault may be done to meanwhile. */
    String held(String target) {
      return switch (this) {
        case OPERATOR -> "operator";
        default -> this + " " + target;
      };
    }
  }

  /** Whom it keeps, by design, from following or from serving while it lasts. */
  enum Reach {
    NOBODY,
    /** The replica of its target, which may not serve. */
    REPLICA,
    /** The replica of its target, which may not follow. */
    TOUCH,
    /** All replicas, which may not follow. */
    STORE
  }

  private final On on;
  private final int least;
  private final int most;
  private final int pause;
  private final Reach reach;
  private final String words;

  Kind(On on, int least, int most, int pause, Reach reach, String words) {
    this.on = on;
    this.least = least;
    this.most = most;
    this.pause = pause;
    this.reach = reach;
    this.words = words;
  }

  On on() {
    return on;
  }

  /** The least that it lasts. */
  Duration least() {
    return Duration.ofSeconds(least);
  }

  /** The most that it lasts. */
  Duration most() {
    return Duration.ofSeconds(most);
  }

  /** For how long clients may be without a response because of it, beside others. */
  Duration pause() {
    return Duration.ofSeconds(pause);
  }

  Reach reach() {
    return reach;
  }

  String words() {
    return words;
  }

  /** As schedules have it: {@code kill-server}. */
  String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Kind of(String text) {
    return Stream.of(values())
        .filter(kind -> kind.text().equals(text))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no kind of fault: " + text));
  }
}
