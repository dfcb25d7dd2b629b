package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestServer;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What requests do to the balance of {@code RetryBudget}, and it to them. */
@ParameterizedClass
@MethodSource("lanes")
class RetryBalanceTest extends LaneProtocolTable {
  /** Equal filters would share a balance, as rows share an application. */
  private static final AtomicInteger PERCENT = new AtomicInteger();

  @BeforeEach
  void one_retry_is_left() {
    start(lane, "RetryBudget=" + PERCENT.incrementAndGet() + ",1");
  }

  /** Breaks so many requests before it responds. */
  private static void breaks(TestServer server, int requests) {
    int last = server.calls().size() + requests;
    server.script(
        call -> {
          if (server.calls().size() <= last) {
            call.reset();
          } else {
            call.reply(200, "again");
          }
        });
  }

  @Test
  void a_retry_that_was_made_is_not_given_back() {
    breaks(master, 1);
    assertThat(client().get("/").body()).isEqualTo("again");
    breaks(master, 1);
    assertThat(client().get("/").status()).isEqualTo(502);
  }

  @Test
  void a_retry_is_given_back_by_a_request_whose_client_leaves_before_it_is_sent_again() {
    master.script(call -> go.await());
    TestClient leaves = client().request("GET", "/");
    Await.until("it is there", () -> master.calls().size() == 1);
    master.kill();
    Await.until("it is held", () -> seen.held.get() == 1);
    leaves.abort();
    Await.until("it is over", () -> seen.outcomes.size() == 1);
    pools.failover("a", "b");
    breaks(backup, 1);
    assertThat(client().get("/").body()).isEqualTo("again");
  }

  /** Its end at the server could not be told from a failure, for which no retry is left. */
  @Test
  void without_a_retry_left_a_connection_that_was_idle_for_a_second_is_not_used() {
    breaks(master, 2);
    assertThat(client().get("/").status()).isEqualTo(502);
    TestClient client = client();
    assertThat(client.get("/").body()).isEqualTo("again");
    int idle = master.connections();
    master.script(
        call -> {
          if (call.connection() == idle) {
            call.close();
          } else {
            call.reply(200, "new");
          }
        });
    long idleSince = System.nanoTime();
    Await.until("a second has passed", () -> System.nanoTime() - idleSince > 1_100_000_000L);
    assertThat(client.get("/").body()).isEqualTo("new");
  }
}
