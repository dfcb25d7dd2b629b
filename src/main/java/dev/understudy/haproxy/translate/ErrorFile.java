package dev.understudy.haproxy.translate;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** HAProxy's error files: whole responses, head and body. */
final class ErrorFile {
  private static final Pattern STATUS = Pattern.compile("^HTTP/\\S+ ([2-5][0-9]{2})\\b");
  private static final Pattern CONTENT_TYPE = Pattern.compile("(?im)^content-type:(.*)$");

  private ErrorFile() {}

  /** The body of a response; the whole text if it has no head. */
  static String body(String text) {
    if (!text.startsWith("HTTP/")) {
      return text;
    }
    String lines = text.replace("\r\n", "\n");
    int blank = lines.indexOf("\n\n");
    return blank < 0 ? "" : lines.substring(blank + 2);
  }

  /** The status of a response; empty if the text has no head. */
  static String status(String text) {
    Matcher status = STATUS.matcher(text);
    return status.find() ? status.group(1) : "";
  }

  /** The type that a response's head names; empty if it names none. */
  static String contentType(String text) {
    Matcher type = CONTENT_TYPE.matcher(text.substring(0, text.length() - body(text).length()));
    return type.find() ? type.group(1).strip() : "";
  }
}
