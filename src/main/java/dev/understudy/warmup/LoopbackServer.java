package dev.understudy.warmup;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/**
 * The server's end of a connection: responds to each request once it is whole; some are the last.
 */
final class LoopbackServer extends LoopbackEnd {
  private static final String FIELDS =
      """
      HTTP/1.1 200 OK\r
      Date: Thu, 01 Jan 2026 00:00:00 GMT\r
      Content-Type: text/plain\r
      """;

  private static final byte[] WITH_LENGTH =
      bytes(FIELDS + "Content-Length: " + BODY.length() + END_OF_HEAD + BODY);

  private static final byte[] IN_CHUNKS =
      bytes(
          FIELDS
              + "Transfer-Encoding: chunked"
              + END_OF_HEAD
              + Integer.toHexString(BODY.length())
              + "\r\n"
              + BODY
              + END_OF_CHUNKS);

  private static final byte[] CLOSING =
      bytes(FIELDS + "Connection: close\r\nContent-Length: " + BODY.length() + END_OF_HEAD + BODY);

  private final SocketChannel channel;

  LoopbackServer(SocketChannel channel) {
    this.channel = channel;
  }

  @Override
  SocketChannel channel() {
    return channel;
  }

  @Override
  void came() throws IOException {
    if (begins("POST ") ? ends(BODY) : ends(END_OF_HEAD)) {
      boolean chunks = begins("GET " + LoopbackClient.CHUNKED);
      boolean last = begins("GET " + LoopbackClient.LAST);
      forget();
      send(chunks ? IN_CHUNKS : last ? CLOSING : WITH_LENGTH);
      if (last) {
        close();
      }
    }
  }

  @Override
  void over() {
    close();
  }
}
