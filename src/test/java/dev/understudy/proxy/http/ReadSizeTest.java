package dev.understudy.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpMethod;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReadSizeTest {
  private static final String HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  private static final String PLAIN = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
  private static final String MANY = "1\r\na\r\n".repeat(200);

  /**
   * @param reads what each read brings
   */
  record Row(String name, boolean little, String... reads) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Row> rows() {
    return List.of(
        new Row("many chunks of a byte have the next read be little", true, HEAD + MANY),
        new Row("so do those with extensions", true, HEAD + "1;a=b\r\na\r\n".repeat(200)),
        new Row("so do those behind other reads", true, HEAD, "1\r\na\r\n", MANY, MANY),
        new Row("a few are read as usual", false, HEAD + "1\r\na\r\n".repeat(100)),
        new Row("large ones are read as usual", false, HEAD + "7d0\r\n" + "a".repeat(2000)),
        new Row("after a few it is as usual again", false, HEAD + MANY, "1\r\na\r\n"),
        new Row("a body without chunks is read as usual", false, PLAIN + MANY),
        new Row(
            "a body without chunks behind many of them is read as usual",
            false,
            HEAD + MANY + "0\r\n\r\n",
            PLAIN,
            "a".repeat(1000)));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void a_peer_that_sends_small_pieces_is_read_little_at_a_time(Row row) {
    ResponseDecoder decoder = new ResponseDecoder(8192, 200, () -> {});
    EmbeddedChannel channel = ReadSize.on(new EmbeddedChannel(decoder));
    var reads = channel.config().getRecvByteBufAllocator().newHandle();
    // As Netty would after reads that fill their buffers.
    for (int i = 0; i < 10; i++) {
      reads.attemptedBytesRead(reads.guess());
      reads.lastBytesRead(reads.guess());
      reads.readComplete();
    }
    assertThat(reads.guess()).isGreaterThan(ReadSize.LITTLE);
    for (String read : row.reads()) {
      if (read.startsWith("HTTP")) {
        decoder.expect(HttpMethod.GET);
      }
      Embedded.read(channel, read, read.length(), each -> {});
    }
    ByteBuf next = reads.allocate(UnpooledByteBufAllocator.DEFAULT);
    assertThat(next.writableBytes() <= ReadSize.LITTLE).isEqualTo(row.little());
    assertThat(reads.guess() <= ReadSize.LITTLE).isEqualTo(row.little());
    next.release();
    channel.finishAndReleaseAll();
  }
}
