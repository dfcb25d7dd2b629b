package dev.understudy.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestHeadTest {
  private static final int FRAME_HEAD = 9;

  @Test
  void a_server_reads_the_same_head_from_every_frame() throws Exception {
    String http1 = "GET /1k HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\n\r\n";
    RequestHead head =
        RequestHead.of(Unpooled.copiedBuffer(http1.getBytes(StandardCharsets.US_ASCII)));
    DefaultHttp2HeadersDecoder server = new DefaultHttp2HeadersDecoder();
    for (int id = 1; id < 6; id += 2) {
      ByteBuf frame = head.frame(UnpooledByteBufAllocator.DEFAULT, id);
      assertThat(frame.readUnsignedMedium()).isEqualTo(frame.readableBytes() - FRAME_HEAD + 3);
      assertThat(frame.skipBytes(2).readInt()).isEqualTo(id);
      Http2Headers read = server.decodeHeaders(id, frame);
      assertThat(read).hasSize(5);
      assertThat(read.path()).hasToString("/1k");
      assertThat(read.authority()).hasToString("a.example");
      assertThat(read.get("accept")).hasToString("*/*");
      frame.release();
    }
  }

  @ParameterizedTest
  @CsvSource({"88, true", "8d, false", "2088, true", "3fe11f88, true", "3fe11f8d, false"})
  void status_200_is_told_by_the_first_field_behind_updates_of_the_table(String block, boolean ok) {
    ByteBuf in = Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(block));
    assertThat(RequestHead.isOk(in, 0)).isEqualTo(ok);
  }
}
