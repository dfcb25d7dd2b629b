package dev.understudy.pool;

import java.util.regex.Pattern;

/** The forms of texts in settings: for each a regular expression, and its words in messages. */
public enum TextFormat {
  ANY("(?s).{0,4096}", "a text of at most 4096 characters"),
  NOT_EMPTY("(?s).{1,4096}", "a text of 1 to 4096 characters"),
  /** Short enough that no nesting exhausts a thread's stack. */
  EXPRESSION("(?s).{1,1024}", "a regular expression of at most 1024 characters"),
  DAILY("\\d\\d:\\d\\d-\\d\\d:\\d\\d", DailyWindow.EXPECTED),
  /** A name of the IANA time zone database. */
  ZONE("[A-Za-z0-9_+/-]{1,64}", "a time zone such as Europe/Berlin"),
  HEX(
      "(?:[0-9A-Fa-f]{2} ?){1,2048}",
      "1 to 2048 bytes in hexadecimal, such as 2b504f4e47 or 2b 50 4f 4e 47"),
  LABEL(DnsLabel.REGEX, "a DNS label of at most 40 characters (a-z, 0-9, '-')"),
  /** RFC 9110 §5.6.2. */
  TOKEN("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}", "a token (letters, digits, !#$%&'*+-.^_`|~)"),
  METHOD("[A-Z][A-Z-]{0,31}", "a method such as GET, in capitals"),
  /** Origin-form, RFC 9112 §3.2.1. */
  TARGET("/[!\"$-~]{0,2047}", "a path that begins with '/', without blanks and '#'"),
  ERROR_STATUS(
      "[45][0-9]{2}|[45]xx|maintenance", "a status from 400 to 599, or 4xx, 5xx or maintenance"),
  /** The form of a Host header, RFC 9110 §7.2. */
  AUTHORITY("[A-Za-z0-9._:\\[\\]-]{1,262}", "a host name, with or without a port"),
  HOST("[A-Za-z0-9._-]{1,253}", "a host name"),
  HOST_OR_ADDRESS(
      "[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f.:]{2,45}", "a host name or an IP address, without a port"),
  /** A name in a TLS handshake (RFC 6066 §3), or all of one label below a domain. */
  SERVER_NAME(
      "(\\*\\.)?[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?",
      "a host name, or *. and a domain"),
  FIRST_BYTES(FirstBytes.REGEX, FirstBytes.EXPECTED),
  /** An IP literal, whose form is checked further. */
  ADDRESS("[0-9A-Fa-f.:]{2,45}", "an IP address such as 127.0.0.1 or ::1"),
  POD_LABEL(RoleLabel.REGEX, "a label of Pods and its value, such as cnpg.io/instanceRole=primary"),
  TLS_VERSION("TLSv1\\.[23]", "TLSv1.2 or TLSv1.3"),
  NAME("[A-Za-z0-9._-]{1,100}", "a name of at most 100 letters, digits, '.', '_' or '-'"),
  /** RFC 9110 §5.5: no CR, LF, NUL or other control character except the tab. */
  FIELD_VALUE(
      "[\\t\\x20-\\x7e\\x80-\\xff]{0,4096}", "a header value (one line, no control characters)");

  private final Pattern pattern;
  private final String expected;

  TextFormat(String regex, String expected) {
    this.pattern = Pattern.compile(regex);
    this.expected = expected;
  }

  public boolean fits(String text) {
    return pattern.matcher(text).matches();
  }

  public String regex() {
    return pattern.pattern();
  }

  /** The form in words that follow "expected". */
  public String expected() {
    return expected;
  }
}
