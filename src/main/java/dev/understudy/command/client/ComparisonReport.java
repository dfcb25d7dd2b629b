package dev.understudy.command.client;

import dev.understudy.command.client.Comparison.Outcome;
import dev.understudy.text.Printable;
import java.io.StringWriter;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * What {@code compare} found, for people and as a document.
 *
 * @param notSent requests whose methods may change something
 * @param unreadable lines of a log without a whole request
 * @param most the most requests with differences that are listed
 */
record ComparisonReport(
    URI first, URI second, List<Outcome> outcomes, int notSent, int unreadable, int most) {
  private static final int LONGEST = 300;
  private static final JsonFactory FACTORY = new JsonFactory();

  private List<Outcome> different() {
    return outcomes.stream().filter(each -> !each.differences().isEmpty()).toList();
  }

  private long unanswered() {
    return outcomes.stream().filter(each -> !each.isAnswered()).count();
  }

  /** Whether nothing can be said: no request was sent, or none got a response. */
  boolean isUnusable() {
    return unanswered() == outcomes.size();
  }

  int status() {
    return isUnusable()
        ? ExitStatus.USAGE
        : different().isEmpty() ? ExitStatus.DONE : ExitStatus.FAILED;
  }

  private static String cut(String text) {
    return text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
  }

  private static String shown(String text) {
    return Printable.escaped(cut(text));
  }

  /** Each request with differences, and the counts. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    List<Outcome> different = different();
    for (Outcome each : different.stream().limit(most).toList()) {
      ComparedRequest request = each.request();
      lines.add("%d: %s %s".formatted(request.line(), request.method(), shown(request.target())));
      for (ResponseDifference difference : each.differences()) {
        lines.add("  " + shown(difference.of()));
        lines.add("    " + first + ": " + shown(difference.first()));
        lines.add("    " + second + ": " + shown(difference.second()));
      }
    }
    if (different.size() > most) {
      lines.add("%d more that differ: --limit shows more".formatted(different.size() - most));
    }
    lines.add(counts(different.size()));
    return lines;
  }

  private String counts(int different) {
    StringBuilder text = new StringBuilder();
    text.append(
        "requests: %d, alike: %d, different: %d"
            .formatted(outcomes.size(), outcomes.size() - different, different));
    if (unanswered() > 0) {
      text.append(", without a response from either: ").append(unanswered());
    }
    if (notSent > 0) {
      text.append(", not sent as they may change something (--unsafe sends them): ")
          .append(notSent);
    }
    if (unreadable > 0) {
      text.append(", lines without a whole request: ").append(unreadable);
    }
    return text.toString();
  }

  /** The same as a JSON document. */
  String json() {
    StringWriter text = new StringWriter();
    List<Outcome> different = different();
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeStringProperty("first", first.toString());
      json.writeStringProperty("second", second.toString());
      json.writeNumberProperty("requests", outcomes.size());
      json.writeNumberProperty("alike", outcomes.size() - different.size());
      json.writeNumberProperty("different", different.size());
      json.writeNumberProperty("unanswered", unanswered());
      json.writeNumberProperty("notSent", notSent);
      json.writeNumberProperty("unreadable", unreadable);
      json.writeArrayPropertyStart("differences");
      for (Outcome each : different.stream().limit(most).toList()) {
        for (ResponseDifference difference : each.differences()) {
          json.writeStartObject();
          json.writeNumberProperty("line", each.request().line());
          json.writeStringProperty("method", each.request().method());
          json.writeStringProperty("target", each.request().target());
          json.writeStringProperty("of", difference.of());
          json.writeStringProperty("first", cut(difference.first()));
          json.writeStringProperty("second", cut(difference.second()));
          json.writeEndObject();
        }
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return text + "\n";
  }
}
