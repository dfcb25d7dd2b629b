package dev.understudy;

import dev.understudy.testing.Await;
import dev.understudy.testing.TestServer;
import java.io.IOException;
import java.time.Duration;

/** A response to a request that has not ended, a byte now and then for longer than 2 s. */
final class SlowResponse {
  static final String BODY = "slow one";

  private static final long PAUSE_NANOS = Duration.ofMillis(300).toNanos();

  private SlowResponse() {}

  static void send(TestServer.Call call) throws IOException {
    call.write("HTTP/1.1 200 OK\r\nContent-Length: " + BODY.length() + "\r\n\r\n");
    for (int i = 0; i < BODY.length(); i++) {
      call.write(BODY.substring(i, i + 1));
      long written = System.nanoTime();
      Await.until("the next byte is due", () -> System.nanoTime() - written >= PAUSE_NANOS);
    }
  }
}
