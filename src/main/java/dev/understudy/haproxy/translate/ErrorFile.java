package dev.understudy.haproxy.translate;

import dev.understudy.condition.Template;
import dev.understudy.haproxy.acl.LogFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A response of HAProxy's own, as its error files hold it whole: head and body.
 *
 * @param status empty: the text has no head
 * @param fields of the head, by names as written, without those of the connection
 */
record ErrorFile(String status, Map<String, String> fields, String body) {
  /**
   * A response without values of the request, as {@code Respond} gives it.
   *
   * @param detail what it lacks; empty: nothing
   */
  record FixedResponse(Map<String, String> arguments, String detail) {}

  private static final Pattern STATUS = Pattern.compile("^HTTP/\\S+ ([2-5][0-9]{2})\\b");
  private static final Pattern FIELD = Pattern.compile("(?m)^([^:\\s]+):(.*)$");

  /** Fields that each response gets anew. */
  private static final Pattern ANEW = Pattern.compile("(?i)content-length|connection|date");

  static final String TYPE = "Content-Type";

  ErrorFile {
    Map<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    all.putAll(fields);
    fields = all;
  }

  /** A text without a head is a body. */
  static ErrorFile of(String text) {
    if (!text.startsWith("HTTP/")) {
      return new ErrorFile("", Map.of(), text);
    }
    String lines = text.replace("\r\n", "\n");
    int blank = lines.indexOf("\n\n");
    String head = blank < 0 ? lines : lines.substring(0, blank);
    Matcher status = STATUS.matcher(head);
    Map<String, String> fields = new LinkedHashMap<>();
    Matcher field = FIELD.matcher(head);
    while (field.find()) {
      if (!ANEW.matcher(field.group(1)).matches()) {
        fields.put(field.group(1), field.group(2).strip());
      }
    }
    return new ErrorFile(
        status.find() ? status.group(1) : "", fields, blank < 0 ? "" : lines.substring(blank + 2));
  }

  /** The type that the head names; empty if it names none. */
  String contentType() {
    return fields.getOrDefault(TYPE, "");
  }

  /** The fields, except for the type. */
  Map<String, String> otherFields() {
    Map<String, String> others = new LinkedHashMap<>(fields);
    others.keySet().removeIf(TYPE::equalsIgnoreCase);
    return others;
  }

  /**
   * The same as {@code Respond} gives it, without values of the request.
   *
   * @param detail what it lacks already
   */
  FixedResponse fixed(String detail) {
    Map<String, String> plain = new LinkedHashMap<>(fields);
    plain.replaceAll((name, value) -> withoutValues(value));
    String text = withoutValues(body);
    return new ErrorFile(status, plain, text)
        .respond(RuleConditions.joined(detail, braces(body, text)));
  }

  /**
   * The same as {@code Respond} gives it; what is in braces stands for values of the request.
   *
   * @param lacks what it lacks already
   */
  FixedResponse respond(String lacks) {
    String detail = lacks;
    Map<String, String> arguments = ImportedFilter.arguments("status", status, "text", body);
    if (!contentType().isEmpty() && !contentType().equals("text/plain")) {
      arguments.put("content-type", contentType());
    }
    for (Map.Entry<String, String> field : otherFields().entrySet()) {
      if (HeaderRules.isName(field.getKey()) && HeaderRules.isValue(field.getValue())) {
        arguments.put(ImportedFilter.HEADERS + field.getKey(), field.getValue());
      } else {
        detail =
            RuleConditions.joined(
                detail, "without " + field.getKey() + ", which is not a header field");
      }
    }
    boolean isRendered = arguments.size() > 2 || !LogFormat.of(body).value().isEmpty();
    return new FixedResponse(
        arguments,
        isRendered && body.length() > Template.LONGEST
            ? RuleConditions.joined(detail, "the text is cut to 16 KB")
            : detail);
  }

  /** The text with parentheses for its braces, if some would stand for values. */
  static String withoutValues(String text) {
    return LogFormat.of(text).value().isEmpty() ? text : text.replace('{', '(').replace('}', ')');
  }

  /** How braces have been replaced, for reports; empty: none have. */
  static String braces(String before, String after) {
    return before.equals(after)
        ? ""
        : "its braces become parentheses, as some would be read as values";
  }
}
