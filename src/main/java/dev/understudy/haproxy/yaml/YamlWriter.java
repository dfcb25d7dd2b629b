package dev.understudy.haproxy.yaml;

import dev.understudy.haproxy.yaml.YamlNode.YamlList;
import dev.understudy.haproxy.yaml.YamlNode.YamlMap;
import dev.understudy.haproxy.yaml.YamlNode.YamlScalar;
import java.util.List;
import java.util.stream.Collectors;

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
    for (YamlNode.Entry entry : root.entries) {
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
        .forEach(c -> line.appendCodePoint(YamlScalar.isPrintable(c) ? c : c == '\t' ? ' ' : '?'));
    return line.toString();
  }

  private void indent(int indent) {
    out.append(" ".repeat(indent));
  }

  private void entry(YamlNode.Entry entry, int indent) {
    comments(entry.comments(), indent);
    indent(indent);
    out.append(key(entry.key())).append(':');
    value(entry.value(), indent);
  }

  private static String key(String key) {
    return key.matches("[45][0-9]{2}") ? key : YamlScalar.written(key);
  }

  /** Writes what follows a colon or a dash, to the end of the line and of the value. */
  private void value(YamlNode node, int indent) {
    if (node instanceof YamlList list && list.anchor() != null) {
      out.append(" &").append(list.anchor());
    }
    switch (node) {
      case YamlMap map when map.isBlock() -> {
        out.append('\n');
        map.entries.forEach(each -> entry(each, indent + 2));
      }
      case YamlList list when list.isBlock() -> {
        out.append('\n');
        list.entries.forEach(each -> item(each, indent + 2));
      }
      default -> out.append(' ').append(inline(node)).append('\n');
    }
  }

  private void item(YamlNode.Entry item, int indent) {
    comments(item.comments(), indent);
    indent(indent);
    out.append('-');
    if (item.value() instanceof YamlMap map
        && map.isBlock()
        && map.entries.getFirst().comments().isEmpty()) {
      YamlNode.Entry first = map.entries.getFirst();
      out.append(' ').append(key(first.key())).append(':');
      value(first.value(), indent + 2);
      map.entries.stream().skip(1).forEach(each -> entry(each, indent + 2));
    } else {
      value(item.value(), indent);
    }
  }

  private static String inline(YamlNode node) {
    return switch (node) {
      case YamlMap map when map.isEmpty() -> "{}";
      case YamlMap map ->
          map.entries.stream()
              .map(each -> key(each.key()) + ": " + inline(each.value()))
              .collect(Collectors.joining(", ", "{ ", " }"));
      case YamlList list ->
          list.entries.stream()
              .map(each -> inline(each.value()))
              .collect(Collectors.joining(", ", "[", "]"));
      case YamlScalar scalar -> scalar.written();
    };
  }
}
