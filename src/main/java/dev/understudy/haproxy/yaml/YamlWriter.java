package dev.understudy.haproxy.yaml;

import java.util.List;

/** Writes a document: two blanks for each level, comments above what they belong to. */
public final class YamlWriter {
  private final StringBuilder out = new StringBuilder();

  private YamlWriter() {}

  /**
   * Returns the document's text.
   *
   * @param head comments at its beginning
   */
  public static String write(List<String> head, YamlMap root) {
    YamlWriter writer = new YamlWriter();
    writer.comments(head, 0);
    boolean first = head.isEmpty();
    for (YamlMap.Entry entry : root.entries()) {
      if (!first) {
        writer.out.append('\n');
      }
      first = false;
      writer.entry(entry, 0);
    }
    return writer.out.toString();
  }

  private void comments(List<String> comments, int indent) {
    for (String comment : comments) {
      indent(indent);
      out.append(comment.isEmpty() ? "#" : "# " + oneLine(comment)).append('\n');
    }
  }

  private static String oneLine(String comment) {
    StringBuilder line = new StringBuilder(comment.length());
    comment
        .codePoints()
        .forEach(c -> line.appendCodePoint(isPrintable(c) ? c : c == '\t' ? ' ' : '?'));
    return line.toString();
  }

  private static boolean isPrintable(int c) {
    return c >= 0x20
        && c != 0x7f
        && (c < 0x80 || c > 0x9f)
        && c != 0x2028
        && c != 0x2029
        && c != 0xfeff
        && c != 0xfffe
        && c != 0xffff
        && (c < 0xd800 || c > 0xdfff);
  }

  private void indent(int indent) {
    out.append(" ".repeat(indent));
  }

  private void entry(YamlMap.Entry entry, int indent) {
    comments(entry.comments(), indent);
    indent(indent);
    out.append(key(entry.key())).append(':');
    value(entry.value(), indent);
  }

  private static String key(String key) {
    return key.matches("[45][0-9]{2}") || YamlScalar.isSafe(key) ? key : YamlScalar.quoted(key);
  }

  /** Writes what follows a colon, to the end of the line and of the value. */
  private void value(YamlNode node, int indent) {
    switch (node) {
      case YamlMap map -> {
        if (map.isFlow() || map.isEmpty()) {
          out.append(' ');
          inline(map);
          out.append('\n');
        } else {
          out.append('\n');
          map.entries().forEach(each -> entry(each, indent + 2));
        }
      }
      case YamlList list -> list(list, indent);
      case YamlScalar scalar -> out.append(' ').append(scalar.written()).append('\n');
      case YamlAlias alias -> out.append(" *").append(alias.anchor()).append('\n');
    }
  }

  private void list(YamlList list, int indent) {
    if (list.anchor() != null) {
      out.append(" &").append(list.anchor());
    }
    if (list.isFlow() || list.isEmpty()) {
      out.append(' ');
      inline(list);
      out.append('\n');
      return;
    }
    out.append('\n');
    for (YamlList.Item item : list.items()) {
      comments(item.comments(), indent + 2);
      indent(indent + 2);
      out.append('-');
      item(item.value(), indent + 2);
    }
  }

  private void item(YamlNode node, int indent) {
    if (node instanceof YamlMap map && !map.isFlow() && !map.isEmpty()) {
      boolean first = true;
      for (YamlMap.Entry each : map.entries()) {
        if (first && each.comments().isEmpty()) {
          out.append(' ').append(key(each.key())).append(':');
          value(each.value(), indent + 2);
        } else {
          if (first) {
            out.append('\n');
          }
          entry(each, indent + 2);
        }
        first = false;
      }
    } else {
      value(node, indent);
    }
  }

  private void inline(YamlNode node) {
    switch (node) {
      case YamlMap map -> {
        out.append(map.isEmpty() ? "{" : "{ ");
        for (int i = 0; i < map.entries().size(); i++) {
          YamlMap.Entry entry = map.entries().get(i);
          out.append(i == 0 ? "" : ", ").append(key(entry.key())).append(": ");
          inline(entry.value());
        }
        out.append(map.isEmpty() ? "}" : " }");
      }
      case YamlList list -> {
        out.append('[');
        for (int i = 0; i < list.items().size(); i++) {
          out.append(i == 0 ? "" : ", ");
          inline(list.items().get(i).value());
        }
        out.append(']');
      }
      case YamlScalar scalar -> out.append(scalar.written());
      case YamlAlias alias -> out.append('*').append(alias.anchor());
    }
  }
}
