package dev.understudy.proxy.errorpage;

import dev.understudy.pool.ErrorPage.Placeholder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A template compiled into its literal bytes and the placeholders between them. Immutable. */
public final class PageTemplate {
  /** The language of a template, which decides how values are escaped. */
  public enum Form {
    HTML,
    JSON
  }

  /** A refresh that a page brings itself: {@code <meta http-equiv="refresh" …>}. */
  private static final Pattern OWN_REFRESH =
      Pattern.compile("http-equiv\\s*=\\s*[\"']?refresh\\b", Pattern.CASE_INSENSITIVE);

  private final Form form;
  private final boolean ownRefresh;

  /** The text before each placeholder, and after the last. */
  private final byte[][] literals;

  private final Placeholder[] placeholders;

  private PageTemplate(
      Form form, boolean ownRefresh, byte[][] literals, Placeholder[] placeholders) {
    this.form = form;
    this.ownRefresh = ownRefresh;
    this.literals = literals;
    this.placeholders = placeholders;
  }

  /** Compiles a text. Every text is a template: what is no placeholder is literal. */
  public static PageTemplate of(Form form, String text) {
    List<byte[]> literals = new ArrayList<>();
    List<Placeholder> placeholders = new ArrayList<>();
    int from = 0;
    for (int at = text.indexOf('{'); at >= 0; at = text.indexOf('{', at + 1)) {
      Placeholder found = at(text, at);
      if (found != null) {
        literals.add(utf8(text.substring(from, at)));
        placeholders.add(found);
        from = at + found.text().length();
      }
    }
    literals.add(utf8(text.substring(from)));
    return new PageTemplate(
        form,
        form == Form.HTML && OWN_REFRESH.matcher(text).find(),
        literals.toArray(byte[][]::new),
        placeholders.toArray(Placeholder[]::new));
  }

  private static @Nullable Placeholder at(String text, int index) {
    for (Placeholder each : Placeholder.values()) {
      if (text.startsWith(each.text(), index)) {
        return each;
      }
    }
    return null;
  }

  /** Whether the page asks browsers by itself to load it again. */
  public boolean hasOwnRefresh() {
    return ownRefresh;
  }

  /** Returns the page for one request; must not be modified, as it may be shared. */
  public byte[] fill(PageValues values) {
    if (placeholders.length == 0) {
      return literals[0];
    }
    byte[][] filled = new byte[placeholders.length][];
    int length = literals[placeholders.length].length;
    for (int i = 0; i < placeholders.length; i++) {
      filled[i] = utf8(escaped(values.text(placeholders[i])));
      length += literals[i].length + filled[i].length;
    }
    byte[] page = new byte[length];
    int to = 0;
    for (int i = 0; i < placeholders.length; i++) {
      to = append(literals[i], page, to);
      to = append(filled[i], page, to);
    }
    append(literals[placeholders.length], page, to);
    return page;
  }

  private static int append(byte[] piece, byte[] page, int to) {
    System.arraycopy(piece, 0, page, to, piece.length);
    return to + piece.length;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Escapes a value so that it stays one text, also within quotes. Hardly any value needs it. */
  private String escaped(String value) {
    int index = 0;
    while (index < value.length() && escape(value.charAt(index)) == null) {
      index++;
    }
    if (index == value.length()) {
      return value;
    }
    StringBuilder out = new StringBuilder(value.length() + 16).append(value, 0, index);
    for (; index < value.length(); index++) {
      char c = value.charAt(index);
      String escape = escape(c);
      if (escape == null) {
        out.append(c);
      } else {
        out.append(escape);
      }
    }
    return out.toString();
  }

  private @Nullable String escape(char c) {
    return form == Form.HTML ? inHtml(c) : inJson(c);
  }

  private static @Nullable String inHtml(char c) {
    return switch (c) {
      case '&' -> "&amp;";
      case '<' -> "&lt;";
      case '>' -> "&gt;";
      case '"' -> "&quot;";
      case '\'' -> "&#39;";
      default -> null;
    };
  }

  /** RFC 8259 §7. */
  private static @Nullable String inJson(char c) {
    return c < ' ' || c == '"' || c == '\\' ? "\\u%04x".formatted((int) c) : null;
  }
}
