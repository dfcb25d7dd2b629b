package dev.understudy.haproxy.translate;

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
  private static final Pattern STATUS = Pattern.compile("^HTTP/\\S+ ([2-5][0-9]{2})\\b");
  private static final Pattern FIELD = Pattern.compile("(?m)^([^:\\s]+):(.*)$");

  /** Fields that each response gets anew. */
  private static final Pattern ANEW = Pattern.compile("(?i)content-length|connection|date");

  private static final String TYPE = "Content-Type";

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

  /** The fields but for the type. */
  Map<String, String> otherFields() {
    Map<String, String> others = new LinkedHashMap<>(fields);
    others.keySet().removeIf(TYPE::equalsIgnoreCase);
    return others;
  }
}
