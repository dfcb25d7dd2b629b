package dev.understudy.probe;

import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.Expectation;
import dev.understudy.pool.ExpectedHeader;
import dev.understudy.pool.Regex;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Judges one response piece by piece, and gives its verdict as soon as it is final: on the head
 * alone if nothing is expected of the body, else as the body comes.
 *
 * <p>Status, header, {@code body} and {@code body-regex} are checked in this order; the first that
 * does not hold is the verdict.
 */
final class ResponseJudge {
  private final Expectation expect;
  private final @Nullable ByteBuf needle;
  private String good = "";
  private boolean contained;
  private int searched;

  ResponseJudge(Expectation expect) {
    this.expect = expect;
    String text = expect.body();
    this.needle =
        text == null ? null : Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Judges status and headers.
   *
   * @return null if the verdict depends on the body
   */
  @Nullable ProbeVerdict head(int status, HttpHeaders headers) {
    if (!expect.status().contains(status)) {
      return new ProbeVerdict(
          ProbeOutcome.BAD_STATUS, "status " + status + ", expected " + expect.status());
    }
    ExpectedHeader header = expect.header();
    if (header != null) {
      ProbeVerdict bad = header(header, headers.getAll(header.name()));
      if (bad != null) {
        return bad;
      }
    }
    good = "status " + status;
    return expect.body() == null && expect.bodyRegex() == null ? ok() : null;
  }

  private static @Nullable ProbeVerdict header(ExpectedHeader expected, List<String> values) {
    String contains = expected.contains();
    if (contains == null
        ? !values.isEmpty()
        : values.stream().anyMatch(v -> v.contains(contains))) {
      return null;
    }
    String name = "header " + Details.quoted(expected.name());
    return new ProbeVerdict(
        ProbeOutcome.BAD_HEADER,
        values.isEmpty()
            ? name + " is missing"
            : name
                + " is "
                + Details.quoted(values.get(0))
                + ", expected to contain "
                + Details.quoted(String.valueOf(contains)));
  }

  /**
   * Judges the body.
   *
   * @param body all bytes so far; its indices stay as they are
   * @param end whether the body ends here, or is not read further
   * @return null if the verdict depends on later bytes
   */
  @Nullable ProbeVerdict body(ByteBuf body, boolean end) {
    if (needle != null && !contained && !search(body, needle)) {
      return end ? bad("body does not contain " + Details.quoted(text(needle))) : null;
    }
    Regex regex = expect.bodyRegex();
    if (regex == null) {
      return ok();
    }
    // "$" and the like mean the end of the whole text, so a match on a part proves nothing.
    return end ? regex(regex, text(body)) : null;
  }

  /** Searches bytes, not characters: no UTF-8 sequence contains that of another character. */
  private boolean search(ByteBuf body, ByteBuf wanted) {
    int from = Math.max(0, searched - wanted.readableBytes() + 1);
    searched = body.readableBytes();
    ByteBuf rest = body.slice(body.readerIndex() + from, searched - from);
    contained = !wanted.isReadable() || ByteBufUtil.indexOf(wanted, rest) >= 0;
    return contained;
  }

  private ProbeVerdict regex(Regex regex, String text) {
    String shown = "body-regex " + Details.quoted(regex.toString());
    try {
      return regex.find(new BoundedText(text)) ? ok() : bad("body does not match " + shown);
    } catch (BoundedText.TooManyLooks | StackOverflowError e) {
      return bad(shown + " needs too many steps on this body; write a simpler one");
    }
  }

  private static String text(ByteBuf bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static ProbeVerdict bad(String detail) {
    return new ProbeVerdict(ProbeOutcome.BAD_BODY, detail);
  }

  private ProbeVerdict ok() {
    return new ProbeVerdict(ProbeOutcome.OK, good);
  }
}
