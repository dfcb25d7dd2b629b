package dev.understudy.command.client;

import dev.understudy.status.PoolView;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the operator has chosen to see in {@code top}.
 *
 * <table>
 *   <caption>Keys</caption>
 *   <tr><th>key</th><th>while typing a filter</th><th>else</th></tr>
 *   <tr><td>/</td><td>adds to the filter</td><td>begins a new filter</td></tr>
 *   <tr><td>a character</td><td>adds to the filter</td><td>q quits, j and k move</td></tr>
 *   <tr><td>Backspace</td><td>shortens the filter</td><td>nothing</td></tr>
 *   <tr><td>Enter</td><td>keeps the filter</td><td>opens or closes the selected pool</td></tr>
 *   <tr><td>Escape</td><td>drops the filter</td><td>drops the filter</td></tr>
 *   <tr><td>arrows</td><td>move the selection</td><td>move the selection</td></tr>
 * </table>
 *
 * @param filter shows pools whose name, or one of whose servers' names or URLs, contains it
 * @param selected the name of the selected pool; null for the first
 * @param open whether the selected pool's servers are shown
 */
record TopView(
    String filter, boolean typing, @Nullable String selected, boolean open, boolean ended) {
  static final TopView FIRST = new TopView("", false, null, false, false);
  private static final int MAX_FILTER = 40;

  TopView press(KeyPress key, List<PoolView> shown) {
    return switch (key.kind()) {
      case NONE -> this;
      case CHARACTER -> typing ? filtered(filter + key.character(), true) : command(key, shown);
      case BACKSPACE ->
          typing && !filter.isEmpty()
              ? filtered(filter.substring(0, filter.length() - 1), true)
              : this;
      case ENTER ->
          typing ? filtered(filter, false) : new TopView(filter, false, selected, !open, false);
      case ESCAPE -> filtered("", false);
      case UP -> move(-1, shown);
      case DOWN -> move(1, shown);
    };
  }

  private TopView command(KeyPress key, List<PoolView> shown) {
    return switch (key.character()) {
      case 'q' -> new TopView(filter, false, selected, open, true);
      case '/' -> filtered("", true);
      case 'k' -> move(-1, shown);
      case 'j' -> move(1, shown);
      default -> this;
    };
  }

  private TopView filtered(String text, boolean more) {
    return text.length() > MAX_FILTER ? this : new TopView(text, more, selected, open, false);
  }

  private TopView move(int by, List<PoolView> shown) {
    if (shown.isEmpty()) {
      return this;
    }
    int to = Math.min(Math.max(position(shown) + by, 0), shown.size() - 1);
    return new TopView(filter, typing, shown.get(to).name(), open, false);
  }

  /** The selected pool's index among those shown; 0 if it is not among them. */
  int position(List<PoolView> shown) {
    return IntStream.range(0, shown.size())
        .filter(i -> shown.get(i).name().equals(selected))
        .findFirst()
        .orElse(0);
  }

  /** The pools that the filter leaves. */
  List<PoolView> of(List<PoolView> pools) {
    String part = filter.toLowerCase(Locale.ROOT);
    return pools.stream().filter(pool -> matches(pool, part)).toList();
  }

  private static boolean matches(PoolView pool, String part) {
    return pool.name().contains(part)
        || pool.servers().stream()
            .anyMatch(
                server ->
                    server.at("name").text("").contains(part)
                        || server.at("url").text("").toLowerCase(Locale.ROOT).contains(part));
  }
}
