package dev.understudy.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.database.DataHistory.Replication;
import dev.understudy.pool.ServerId;
import java.util.List;
import java.util.regex.MatchResult;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Replicas that restart know of a stale primary what the others, or those before them, knew. */
class TwoPrimariesOnReplicasTest {
  static final List<Story> STORIES =
      Story.of(
          """
          the replicas {a|a b|a b c} that restart while nobody serves do not take the stale one
            sen1 becomes FROZEN; wait 10 s; each serving = null
            stop {}; start {}; wait 60 s; each serving = null
            sen1 becomes HEALTHY; wait 10 s; each serving = sen1
          those that restart one by one do not take the stale one
            sen1 becomes FROZEN; wait 10 s
            stop a; start a; wait 30 s; each serving = null
            stop b; start b; wait 30 s; each serving = null
            stop c; start c; wait 30 s; each serving = null
          those that restart follow a promotion that they have not seen
            stop a b c; sen1 becomes KILLED; sen2 has data 3333 after 2222; start a b c; wait 30 s
            each serving = sen2
          a serving one that restarts empty between two probes waits for an operator
            sen2 becomes STANDBY; wait 10 s; sen1 lost its data, 3333 after 0000; wait 10 s
            each serving = null; stop a; start a; wait 60 s; each serving = null
            b switches to sen1; wait 59 s; each serving = sen1
            c switches to auto; wait 59 s; each serving = sen1
          two primaries are not over while the serving one does not respond
            sen1 becomes FROZEN; wait 10 s; each serving = null
            sen1 becomes HEALTHY; wait 10 s; each serving = sen1
            each twoPrimaries.over = false
          the record is not written again and again
            the record stays for a minute
          """);

  @AutoClose
  private final Replicas replicas =
      new Replicas(MonitorTwoPrimariesTest.database())
          .verb("(\\S+) (has|lost its) data,? (\\d+) after (\\d+)", this::data)
          .verb("the record stays for a minute", on -> theRecordStays());

  private void data(MatchResult on) {
    boolean lost = on.group(2).startsWith("lost");
    Replication data = new Replication(on.group(3), on.group(4), lost);
    replicas.prober.data(new ServerId(on.group(1)), data);
  }

  private void theRecordStays() {
    long before = revision();
    replicas.play("wait 60 s");
    assertThat(revision()).isEqualTo(before);
  }

  private long revision() {
    return replicas.store.get("understudy", RegisterKey.pool("sense")).orElseThrow().revision();
  }

  /** The master was frozen, the backup promoted, and the master is back. */
  @BeforeEach
  void promote() {
    replicas.play("sen2 has data 1111 after 0000; sen1 has data 2222 after 1111");
    replicas.play("sen1 becomes STANDBY; start a b c; wait 15 s; each serving = sen2");
    replicas.play("sen2 becomes FROZEN; wait 10 s; sen1 becomes HEALTHY; wait 10 s");
    replicas.play("each serving = sen1; sen2 becomes HEALTHY; wait 30 s; each serving = sen1");
  }

  @ParameterizedTest
  @FieldSource("STORIES")
  void no_replica_takes_the_stale_primary(Story story) {
    replicas.play(story);
  }
}
