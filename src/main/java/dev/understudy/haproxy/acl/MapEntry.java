package dev.understudy.haproxy.acl;

import java.util.ArrayList;
import java.util.List;

/** A line of a map file. */
public record MapEntry(String key, String value) {
  /** Reads a file; lines with {@code #} and those without a value are left out. */
  public static List<MapEntry> read(String text) {
    List<MapEntry> entries = new ArrayList<>();
    for (String line : text.lines().map(String::strip).toList()) {
      String[] parts = line.split("\\s+", 2);
      if (!line.startsWith("#") && parts.length == 2) {
        entries.add(new MapEntry(parts[0], parts[1].strip()));
      }
    }
    return entries;
  }
}
