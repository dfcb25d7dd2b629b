package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.fairness.ClientNetwork;
import dev.understudy.testing.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Where documents are made, how many at once, and for whom. */
class DocumentThreadsTest {
  private static final ClientNetwork A = new ClientNetwork("192.0.2.1");
  private static final ClientNetwork B = new ClientNetwork("192.0.2.2");

  private final DocumentThreads threads = new DocumentThreads(2, 4);
  private final CountDownLatch go = new CountDownLatch(1);
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();

  @AfterEach
  void close() {
    go.countDown();
    threads.close();
  }

  private CompletableFuture<String> waiting(ClientNetwork client) {
    return threads
        .make(
            client,
            () -> {
              most.accumulateAndGet(running.incrementAndGet(), Math::max);
              go.await();
              running.decrementAndGet();
              return Mono.just("made");
            })
        .toFuture();
  }

  /** As many as there may be. */
  private List<CompletableFuture<String>> four() {
    return Stream.generate(() -> waiting(A)).limit(4).toList();
  }

  private static String statusOf(CompletableFuture<String> response) {
    return response.handle((made, e) -> e instanceof ProblemDocument ? "refused" : made).join();
  }

  @Test
  void two_are_made_at_once_two_wait_and_one_more_is_a_503() {
    List<CompletableFuture<String>> accepted = four();
    Await.until("two run", () -> running.get() == 2);
    assertThat(statusOf(waiting(A))).isEqualTo("refused");

    go.countDown();
    assertThat(accepted).extracting(DocumentThreadsTest::statusOf).containsOnly("made");
    assertThat(most).hasValue(2);
    assertThat(statusOf(waiting(A))).isEqualTo("made");
  }

  @Test
  void another_client_gets_the_turn_of_the_last_one_that_waits() {
    List<CompletableFuture<String>> flood = four();
    CompletableFuture<String> other = waiting(B);
    assertThat(statusOf(flood.get(3))).isEqualTo("refused");

    go.countDown();
    assertThat(statusOf(other)).isEqualTo("made");
    assertThat(flood.subList(0, 3)).extracting(DocumentThreadsTest::statusOf).containsOnly("made");
  }

  @Test
  void an_error_of_the_virtual_machine_reaches_the_client_and_gives_the_turn_back() {
    for (int i = 0; i < 10; i++) {
      CompletableFuture<String> response =
          threads
              .<String>make(
                  A,
                  () -> {
                    throw new OutOfMemoryError("made up");
                  })
              .toFuture();
      assertThat(response)
          .failsWithin(Duration.ofSeconds(60))
          .withThrowableThat()
          .withRootCauseInstanceOf(OutOfMemoryError.class);
    }
  }
}
