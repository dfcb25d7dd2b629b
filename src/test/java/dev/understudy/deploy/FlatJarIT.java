package dev.understudy.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The jar has one file of each name, in which nothing is lost that several libraries say. A new
 * version of a library may bring a name that pom.xml does not join yet.
 */
class FlatJarIT {
  /** The jar's own. */
  private static final Set<String> OURS =
      Set.of("META-INF/MANIFEST.MF", "META-INF/LICENSE", "META-INF/NOTICE");

  private static byte[] read(JarFile jar, JarEntry entry) throws IOException {
    try (InputStream in = jar.getInputStream(entry)) {
      return in.readAllBytes();
    }
  }

  /** Names and values, without comments. */
  private static Set<String> words(byte[] file) {
    return new String(file, StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.startsWith("#"))
        .flatMap(line -> Arrays.stream(line.split("[\\s,=\\\\]+")))
        .filter(word -> !word.isEmpty())
        .collect(Collectors.toSet());
  }

  @Test
  void nothing_is_lost_of_a_file_that_several_libraries_have() throws IOException {
    Map<String, byte[]> first = new HashMap<>();
    Map<String, Set<String>> shared = new TreeMap<>();
    for (Path library : LicenceNoticesIT.libraries()) {
      try (JarFile content = new JarFile(library.toFile())) {
        for (JarEntry entry : (Iterable<JarEntry>) content.stream()::iterator) {
          String name = entry.getName();
          if (entry.isDirectory() || OURS.contains(name)) {
            continue;
          }
          byte[] file = read(content, entry);
          byte[] other = first.putIfAbsent(name, file);
          if (other != null && !Arrays.equals(other, file)) {
            Set<String> all = shared.computeIfAbsent(name, any -> new HashSet<>(words(other)));
            all.addAll(words(file));
          }
        }
      }
    }
    assertThat(shared).containsKey("META-INF/spring.factories");
    try (JarFile jar = new JarFile(LicenceNoticesIT.JAR.toFile())) {
      for (Map.Entry<String, Set<String>> file : shared.entrySet()) {
        JarEntry entry = jar.getJarEntry(file.getKey());
        // Left out on purpose, by its name.
        if (entry != null) {
          assertThat(words(read(jar, entry))).as(file.getKey()).containsAll(file.getValue());
        }
      }
    }
  }

  @Test
  void it_has_each_class_of_each_library() throws IOException {
    try (JarFile jar = new JarFile(LicenceNoticesIT.JAR.toFile())) {
      for (Path library : LicenceNoticesIT.libraries()) {
        try (JarFile content = new JarFile(library.toFile())) {
          List<String> lost =
              content.stream()
                  .map(JarEntry::getName)
                  .filter(name -> name.endsWith(".class") && !name.endsWith("module-info.class"))
                  .filter(name -> jar.getJarEntry(name) == null)
                  .toList();
          assertThat(lost).as(library.toString()).isEmpty();
        }
      }
    }
  }
}
