package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.LogFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A response without values of the request, as {@code Respond} gives it.
 *
 * @param detail what it lacks; empty: nothing
 */
record FixedResponse(Map<String, String> arguments, String detail) {
  /** Longest text, in characters. */
  static final int LONGEST = 16 * 1024;

  static FixedResponse of(ErrorFile response) {
    String text = withoutValues(response.body());
    String detail = braces(response.body(), text);
    Map<String, String> arguments = new LinkedHashMap<>();
    arguments.put("status", response.status());
    arguments.put("text", text);
    if (!isPlain(response.contentType())) {
      arguments.put("content-type", response.contentType());
    }
    for (Map.Entry<String, String> field : response.otherFields().entrySet()) {
      if (HeaderRules.isName(field.getKey()) && HeaderRules.isValue(field.getValue())) {
        arguments.put(Filter.HEADERS + field.getKey(), withoutValues(field.getValue()));
      } else {
        detail = Rules.joined(detail, "without " + field.getKey() + ", which is no header field");
      }
    }
    return new FixedResponse(arguments, detail);
  }

  /** Whether a type is that of a response that names none. */
  static boolean isPlain(String type) {
    return type.isEmpty() || type.equals("text/plain");
  }

  /** The text with parentheses for its braces, if some would stand for values. */
  static String withoutValues(String text) {
    return LogFormat.of(text).value().isEmpty() ? text : text.replace('{', '(').replace('}', ')');
  }

  /** How braces have been replaced, for reports; empty: none have. */
  static String braces(String before, String after) {
    return before.equals(after) ? "" : "its braces are parentheses, as some would stand for values";
  }
}
