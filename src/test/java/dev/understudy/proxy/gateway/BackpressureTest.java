package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.TestClient;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A slow reader stops its sender, in both directions. */
@ParameterizedClass
@MethodSource("lanes")
class BackpressureTest extends LaneProtocolTable {
  /** Of two connections, each of which may take 32 MB on one side and 4 on the other (tcp(7)). */
  private static final int MORE_THAN_KERNELS_BUFFER = 128 * 1024 * 1024;

  @Test
  void a_client_that_does_not_read_stops_the_server() throws Exception {
    start(two());
    CountDownLatch done = new CountDownLatch(1);
    int total = MORE_THAN_KERNELS_BUFFER;
    long[] written = new long[1];
    master.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\nContent-Length: " + total + "\r\n\r\n");
          OutputStream out = call.socket().getOutputStream();
          byte[] piece = bytes(64 * 1024);
          while (written[0] < total) {
            out.write(piece);
            written[0] += piece.length;
          }
          done.countDown();
        });
    TestClient client = client().request("GET", "/");
    assertThat(done.await(1, TimeUnit.SECONDS)).isFalse();
    client.skip(total);
    assertThat(done.await(120, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void a_server_that_does_not_read_stops_the_client() throws Exception {
    start(two());
    int total = MORE_THAN_KERNELS_BUFFER;
    master.script(later(call -> call.reply(200, "" + call.skipBody())));
    TestClient client = client().begin("POST", "/", total);
    CountDownLatch done = new CountDownLatch(1);
    Thread.ofVirtual()
        .start(
            () -> {
              byte[] piece = bytes(64 * 1024);
              for (int i = 0; i < total / piece.length; i++) {
                client.body(piece);
              }
              client.end();
              done.countDown();
            });
    assertThat(done.await(1, TimeUnit.SECONDS)).isFalse();
    go.countDown();
    assertThat(client.response().body()).isEqualTo("" + total);
    assertThat(done.await(120, TimeUnit.SECONDS)).isTrue();
  }
}
