package dev.understudy.pages;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The pages of this repository. */
public final class Pages {
  private Pages() {}

  /** All of them. */
  static List<Path> all() {
    return below(
        "README.md", "CONTRIBUTING.md", "CHANGELOG.md", ".github", "config", "deploy", "src");
  }

  /** Those for users and operators. */
  public static List<Path> ofUsers() {
    return below("README.md", "config", "deploy");
  }

  /** The text of a page. */
  public static String read(Path page) {
    try {
      return Files.readString(page);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> below(String... places) {
    List<Path> pages = new ArrayList<>();
    for (String place : places) {
      try (Stream<Path> files = Files.walk(Path.of(place))) {
        files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return pages;
  }
}
