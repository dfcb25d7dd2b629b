package dev.understudy.haproxy.translate;

/** HAProxy's error files: whole responses, head and body. */
final class ErrorFile {
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
}
