package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.fairness.ClientNetwork;
import dev.understudy.statistics.FakeTotals;
import dev.understudy.statistics.Overview;
import dev.understudy.statistics.Statistics;
import dev.understudy.statistics.StatisticsThread;
import dev.understudy.testing.Await;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/** What readers get while overviews cannot be made, and afterwards. */
class EncodedOverviewsTest {
  private static final ClientNetwork CLIENT = new ClientNetwork("192.0.2.1");

  private static final Duration DEADLINE = Duration.ofMinutes(1);

  private final FakeEvents events = new FakeEvents();
  private final FakeMonitor monitor = new FakeMonitor(events);
  private final Statistics statistics =
      new Statistics(monitor, new FakeTotals(), () -> 40, System::nanoTime);
  private final StatisticsThread thread = new StatisticsThread();
  private final AtomicBoolean broken = new AtomicBoolean();
  private final OverviewFeed feed =
      new OverviewFeed(
          frames(Duration.ofMillis(20)),
          thread,
          new OverviewFeed.Limits(4, 1_000, Duration.ofHours(1)));

  private EncodedOverviews frames(Duration interval) {
    Supplier<Overview> overviews =
        () -> {
          if (broken.get()) {
            throw new StackOverflowError("made up");
          }
          return statistics.overview();
        };
    return new EncodedOverviews(
        overviews, new ConfigurationStatus(events), new FakeReplica(), interval);
  }

  @AfterEach
  void close() {
    thread.close();
  }

  private static JsonNode data(byte[] event) {
    String text = new String(event, StandardCharsets.UTF_8);
    return AdminServer.JSON.readTree(text.substring(text.indexOf("data: ") + 6));
  }

  @Test
  void an_overview_that_fails_is_made_up_for_by_the_next() {
    EncodedOverviews frames = frames(Duration.ofSeconds(1));
    JsonNode whole = data(frames.whole(true));
    broken.set(true);
    assertThatThrownBy(frames::advance).isInstanceOf(StackOverflowError.class);
    broken.set(false);

    JsonNode delta = data(frames.advance());
    assertThat(delta.path("sequence").asLong()).isEqualTo(whole.path("sequence").asLong() + 1);
  }

  @Test
  void a_stream_and_a_document_whose_first_overview_fails_fail_and_the_next_ones_work() {
    broken.set(true);
    assertThatThrownBy(() -> feed.stream(CLIENT).blockFirst(DEADLINE))
        .hasRootCauseInstanceOf(StackOverflowError.class);
    assertThatThrownBy(() -> feed.document().block(DEADLINE))
        .hasRootCauseInstanceOf(StackOverflowError.class);
    Await.until("the stream has ended", () -> feed.slots().active() == 0);
    broken.set(false);

    assertThat(feed.stream(CLIENT).blockFirst(DEADLINE)).isNotNull();
    assertThat(feed.document().block(DEADLINE)).isNotNull();
  }

  @Test
  void a_failure_that_lasts_shows_in_documents_and_new_streams_and_leaves_no_gap_in_open_ones() {
    Queue<Long> sequences = new ConcurrentLinkedQueue<>();
    Disposable reader =
        feed.stream(CLIENT)
            .map(EncodedOverviewsTest::data)
            .subscribe(event -> sequences.add(event.path("sequence").asLong()));
    Await.until("events come", () -> sequences.size() >= 2);
    broken.set(true);
    Await.until("a document fails", () -> fails(feed.document()));
    Await.until("a stream fails", () -> fails(feed.stream(CLIENT).next()));
    broken.set(false);
    Await.until("documents come again", () -> !fails(feed.document()));
    int before = sequences.size();
    Await.until("events come again", () -> sequences.size() >= before + 2);
    reader.dispose();
    List<Long> all = List.copyOf(sequences);
    for (int i = 1; i < all.size(); i++) {
      assertThat(all.get(i)).isEqualTo(all.get(i - 1) + 1);
    }
  }

  private static boolean fails(Mono<byte[]> overview) {
    return overview.map(made -> false).onErrorReturn(true).blockOptional(DEADLINE).orElse(true);
  }
}
