package dev.understudy.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reads HTTP/1 as RFC 9112 has it and no other way: whatever two readers could take for different
 * things is a {@link Violation}, an end within a message an {@link EOFException}.
 */
final class StrictReader {
  private static final Pattern TOKEN = Pattern.compile("[-!#$%&'*+.^_`|~0-9A-Za-z]+");
  private static final Pattern VERSION = Pattern.compile("HTTP/1\\.[0-9]");
  private static final Pattern STATUS = Pattern.compile("[1-9][0-9][0-9]");
  private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");
  private static final Pattern CHUNK_SIZE = Pattern.compile("[0-9A-Fa-f]{1,15}");
  private static final Pattern CHUNK_EXTENSIONS =
      Pattern.compile(
          "([ \\t]*;[ \\t]*[-!#$%&'*+.^_`|~0-9A-Za-z]+"
              + "([ \\t]*=[ \\t]*([-!#$%&'*+.^_`|~0-9A-Za-z]+"
              + "|\"([\\t !#-\\[\\]-~\\x80-\\xff]|\\\\[\\t -~\\x80-\\xff])*\"))?)*");
  private static final Pattern HOST =
      Pattern.compile("(\\[[-._~%!$&'()*+,;=:0-9A-Za-z]+]|[-._~%!$&'()*+,;=0-9A-Za-z]+)(:[0-9]*)?");
  private static final Pattern ABSOLUTE =
      Pattern.compile("https?://([^/?]*)(.*)", Pattern.CASE_INSENSITIVE);

  /** Longer lines are taken for endless ones. */
  private static final int MAX_LINE = 1 << 20;

  private final InputStream in;

  StrictReader(InputStream in) {
    this.in = in;
  }

  /**
   * A request's head; null: the stream has ended before.
   *
   * @param lenientStart whether line ends before it are passed over (RFC 9112 §2.2)
   */
  Head request(boolean lenientStart) throws IOException {
    int first = in.read();
    while (lenientStart && (first == '\r' || first == '\n')) {
      first = in.read();
    }
    String line = line(first, true);
    if (line == null) {
      return null;
    }
    String[] words = line.split(" ", -1);
    require(words.length == 3, "a request line that is not three words: ", line);
    require(TOKEN.matcher(words[0]).matches(), "a method that is no token: ", line);
    require(VERSION.matcher(words[2]).matches(), "a version that is not 1.x: ", line);
    requireTarget(words[0], words[1]);
    Head head = new Head(List.of(words), fields());
    requireHost(head);
    length(head);
    return head;
  }

  private static void requireTarget(String method, String target) throws Violation {
    boolean visible = !target.isEmpty() && target.chars().allMatch(c -> c > ' ' && c < 0x7f);
    require(visible && target.indexOf('#') < 0, "not a request target: ", target);
    boolean known =
        target.startsWith("/")
            || (target.equals("*") && method.equals("OPTIONS"))
            || (method.equals("CONNECT") && HOST.matcher(target).matches())
            || isAbsolute(target);
    require(known, "not a request target: ", target);
  }

  private static boolean isAbsolute(String target) {
    var form = ABSOLUTE.matcher(target);
    return form.matches() && HOST.matcher(form.group(1)).matches();
  }

  /** A target in absolute-form as a server is to get it (RFC 9112 §3.2.1, §3.2.4); others as is. */
  static String originForm(Head request) {
    String target = request.start().get(1);
    var form = ABSOLUTE.matcher(target);
    if (target.startsWith("/") || !form.matches()) {
      return target;
    }
    if (form.group(2).isEmpty() && request.start().get(0).equals("OPTIONS")) {
      return "*";
    }
    return form.group(2).startsWith("/") ? form.group(2) : "/" + form.group(2);
  }

  private static void requireHost(Head head) throws Violation {
    List<String> hosts = head.all("host");
    require(hosts.size() < 2, "more than one Host: ", hosts.toString());
    require(!hosts.isEmpty() || head.start().get(2).equals("HTTP/1.0"), "no Host", "");
    for (String host : hosts) {
      require(HOST.matcher(host).matches(), "not a Host: ", host);
    }
  }

  /** A response's head; null: the stream has ended before. */
  Head response() throws IOException {
    String line = line(in.read(), true);
    if (line == null) {
      return null;
    }
    String[] words = line.split(" ", 3);
    require(words.length == 3 && words[0].equals("HTTP/1.1"), "not a status line: ", line);
    require(STATUS.matcher(words[1]).matches(), "not a status: ", line);
    Head head = new Head(List.of(words), fields());
    length(head);
    return head;
  }

  private List<Head.Field> fields() throws IOException {
    List<Head.Field> fields = new ArrayList<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      require(colon > 0, "a field line without a name: ", line);
      String name = line.substring(0, colon);
      require(TOKEN.matcher(name).matches(), "a field name that is no token: ", line);
      String value = strip(line.substring(colon + 1));
      require(
          value.chars().allMatch(c -> c == '\t' || (c >= ' ' && c != 0x7f)),
          "a control character in a value: ",
          line);
      fields.add(new Head.Field(name, value));
    }
    return fields;
  }

  private static String strip(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && " \t".indexOf(text.charAt(start)) >= 0) {
      start++;
    }
    while (end > start && " \t".indexOf(text.charAt(end - 1)) >= 0) {
      end--;
    }
    return text.substring(start, end);
  }

  /**
   * The body's length: {@link #CHUNKED}, or {@link #UNTOLD}.
   *
   * @throws Violation if it is in doubt (RFC 9112 §6.3)
   */
  static long length(Head head) throws Violation {
    List<String> lengths = head.all("content-length");
    List<String> codings = head.all("transfer-encoding");
    require(lengths.isEmpty() || codings.isEmpty(), "a length and a coding", "");
    if (!codings.isEmpty()) {
      require(codings.size() == 1, "more than one coding: ", codings.toString());
      require(codings.getFirst().equalsIgnoreCase("chunked"), "a coding: ", codings.getFirst());
      require(!head.start().contains("HTTP/1.0"), "a coding in HTTP/1.0", "");
      return CHUNKED;
    }
    if (lengths.isEmpty()) {
      return UNTOLD;
    }
    require(lengths.size() == 1, "more than one length: ", lengths.toString());
    require(LENGTH.matcher(lengths.getFirst()).matches(), "not a length: ", lengths.getFirst());
    return Long.parseLong(lengths.getFirst());
  }

  static final long CHUNKED = -1;
  static final long UNTOLD = -2;

  /** Reads a body of that {@link #length}; what came before an end or a violation is kept too. */
  void body(long length, ByteArrayOutputStream to) throws IOException {
    if (length == CHUNKED) {
      chunks(to);
    } else if (length > 0) {
      copy(length, to);
    }
  }

  /** Reads to the end of the stream. */
  void toEnd(ByteArrayOutputStream to) throws IOException {
    byte[] buffer = new byte[8192];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      to.write(buffer, 0, n);
    }
  }

  private void chunks(ByteArrayOutputStream to) throws IOException {
    for (long size = chunkSize(); size > 0; size = chunkSize()) {
      copy(size, to);
      require(line().isEmpty(), "more than a chunk's size says", "");
    }
    fields();
  }

  private long chunkSize() throws IOException {
    String line = line();
    int end = 0;
    while (end < line.length() && Character.digit(line.charAt(end), 16) >= 0) {
      end++;
    }
    require(CHUNK_SIZE.matcher(line.substring(0, end)).matches(), "not a chunk size: ", line);
    require(
        CHUNK_EXTENSIONS.matcher(line.substring(end)).matches(), "not a chunk extension: ", line);
    return Long.parseLong(line.substring(0, end), 16);
  }

  private void copy(long length, ByteArrayOutputStream to) throws IOException {
    byte[] buffer = new byte[8192];
    long left = length;
    while (left > 0) {
      int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (n < 0) {
        throw new EOFException("within a body");
      }
      to.write(buffer, 0, n);
      left -= n;
    }
  }

  private String line() throws IOException {
    return line(in.read(), false);
  }

  /** Up to CRLF, which is not part of it; null: the end. */
  private String line(int first, boolean mayEnd) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(64);
    for (int b = first; ; b = in.read()) {
      if (b == '\r') {
        int next = in.read();
        if (next == '\n') {
          return line.toString(StandardCharsets.ISO_8859_1);
        }
        require(next < 0, "a bare CR after: ", line.toString(StandardCharsets.ISO_8859_1));
        throw new EOFException("within a line end");
      }
      if (b < 0 && mayEnd && line.size() == 0) {
        return null;
      }
      if (b < 0) {
        throw new EOFException("within a line");
      }
      require(b != '\n', "a bare LF after: ", line.toString(StandardCharsets.ISO_8859_1));
      line.write(b);
      require(line.size() < MAX_LINE, "an endless line", "");
    }
  }

  private static void require(boolean good, String what, String where) throws Violation {
    if (!good) {
      throw new Violation(what + where);
    }
  }
}
