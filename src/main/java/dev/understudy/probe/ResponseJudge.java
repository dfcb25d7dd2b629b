package dev.understudy.probe;

import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.Expectation;
import dev.understudy.pool.ExpectedHeader;
import dev.understudy.pool.Regex;
import dev.understudy.pool.StatusSet;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Judges one response piece by piece, and gives its verdict as soon as it is final: on the head
 * alone if nothing is expected of the body, else as the body comes.
 *
 * <p>Statuses and headers are checked first, then {@code body}, last {@code body-regex}; among
 * rules, each in their order. The first that does not hold is the verdict.
 */
final class ResponseJudge {
  private final List<Expectation.Rule> rules = new ArrayList<>();
  private final List<BodyText> texts = new ArrayList<>();
  private final boolean hasRegex;
  private String good = "";

  /** A text that the body must contain, or must not. */
  private static final class BodyText {
    private final boolean not;
    private final String text;
    private final ByteBuf needle;
    private boolean contained;
    private int searched;

    BodyText(boolean not, String text) {
      this.not = not;
      this.text = text;
      this.needle = Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Searches bytes, not characters: no UTF-8 sequence contains that of another character. */
    private boolean isIn(ByteBuf body) {
      if (!contained) {
        int from = Math.max(0, searched - needle.readableBytes() + 1);
        searched = body.readableBytes();
        ByteBuf rest = body.slice(body.readerIndex() + from, searched - from);
        contained = !needle.isReadable() || ByteBufUtil.indexOf(needle, rest) >= 0;
      }
      return contained;
    }
  }

  ResponseJudge(Expectation expect) {
    rules.add(
        new Expectation.Rule(
            false, expect.status(), expect.body(), expect.bodyRegex(), expect.header()));
    rules.addAll(expect.rules());
    for (Expectation.Rule rule : rules) {
      String text = rule.body();
      if (text != null) {
        texts.add(new BodyText(rule.not(), text));
      }
    }
    hasRegex = rules.stream().anyMatch(rule -> rule.bodyRegex() != null);
  }

  /**
   * Judges status and headers.
   *
   * @return null if the verdict depends on the body
   */
  @Nullable ProbeResult head(int status, HttpHeaders headers) {
    for (Expectation.Rule rule : rules) {
      StatusSet codes = rule.status();
      if (codes != null && codes.contains(status) == rule.not()) {
        String expected = rule.not() ? "none of " + codes : codes.toString();
        return new ProbeResult(
            ProbeOutcome.BAD_STATUS, "status " + status + ", expected " + expected);
      }
      ExpectedHeader header = rule.header();
      ProbeResult bad =
          header == null ? null : header(header, rule.not(), headers.getAll(header.name()));
      if (bad != null) {
        return bad;
      }
    }
    good = "status " + status;
    return texts.isEmpty() && !hasRegex ? ok() : null;
  }

  private static @Nullable ProbeResult header(
      ExpectedHeader expected, boolean not, List<String> values) {
    String contains = expected.contains();
    boolean holds =
        contains == null ? !values.isEmpty() : values.stream().anyMatch(v -> v.contains(contains));
    if (holds != not) {
      return null;
    }
    String name = "header " + Details.quoted(expected.name());
    String found =
        values.isEmpty() ? " is missing" : " is " + Details.quoted(values.get(0)) + ", expected ";
    String wanted = contains == null ? "be there" : "contain " + Details.quoted(contains);
    return new ProbeResult(
        ProbeOutcome.BAD_HEADER,
        name + found + (values.isEmpty() ? "" : (not ? "not to " : "to ") + wanted));
  }

  /**
   * Judges the body.
   *
   * @param body all bytes so far; its indices stay as they are
   * @param end whether the body ends here, or is not read further
   * @return null if the verdict depends on later bytes
   */
  @Nullable ProbeResult body(ByteBuf body, boolean end) {
    boolean decided = true;
    for (BodyText text : texts) {
      boolean found = text.isIn(body);
      if (found == text.not && (found || end)) {
        String verb = found ? "body contains " : "body does not contain ";
        return bad(verb + Details.quoted(text.text));
      }
      decided &= found;
    }
    if (!end) {
      // "$" and the like mean the end of the whole text, so a match on a part proves nothing.
      return decided && !hasRegex ? ok() : null;
    }
    return hasRegex ? regexes(body.toString(StandardCharsets.UTF_8)) : ok();
  }

  private ProbeResult regexes(String text) {
    for (Expectation.Rule rule : rules) {
      Regex regex = rule.bodyRegex();
      ProbeResult bad = regex == null ? null : regex(regex, rule.not(), text);
      if (bad != null) {
        return bad;
      }
    }
    return ok();
  }

  private static @Nullable ProbeResult regex(Regex regex, boolean not, String text) {
    String shown = "body-regex " + Details.quoted(regex.toString());
    try {
      return regex.find(new BoundedText(text)) != not
          ? null
          : bad((not ? "body matches " : "body does not match ") + shown);
    } catch (BoundedText.TooManyLooks | StackOverflowError e) {
      return bad(shown + " needs too many steps on this body; write a simpler one");
    }
  }

  private static ProbeResult bad(String detail) {
    return new ProbeResult(ProbeOutcome.BAD_BODY, detail);
  }

  private ProbeResult ok() {
    return new ProbeResult(ProbeOutcome.OK, good);
  }
}
