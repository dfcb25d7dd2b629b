package dev.understudy.haproxy.yaml;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A list, whose items have comments above them. */
public final class YamlList implements YamlNode {
  record Item(YamlNode value, List<String> comments) {}

  private final boolean flow;
  private final List<Item> items = new ArrayList<>();
  private @Nullable String anchor;

  private YamlList(boolean flow) {
    this.flow = flow;
  }

  /** A list with an item on each line. */
  public static YamlList block() {
    return new YamlList(false);
  }

  /** A list of texts on one line. */
  public static YamlList flow(List<String> texts) {
    YamlList list = new YamlList(true);
    texts.forEach(text -> list.add(YamlScalar.text(text), List.of()));
    return list;
  }

  /** Adds an item with comments above it. */
  public YamlList add(YamlNode value, List<String> comments) {
    items.add(new Item(value, List.copyOf(comments)));
    return this;
  }

  /** Gives the list a name by which a {@link YamlAlias} repeats it. */
  public void anchor(String name) {
    anchor = name;
  }

  @Nullable String anchor() {
    return anchor;
  }

  /** Whether it has no item. */
  public boolean isEmpty() {
    return items.isEmpty();
  }

  /** Whether it is written on lines of its own. */
  boolean isBlock() {
    return !flow && !isEmpty();
  }

  List<Item> items() {
    return items;
  }
}
