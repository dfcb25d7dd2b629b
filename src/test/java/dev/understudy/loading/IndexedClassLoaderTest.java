package dev.understudy.loading;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IndexedClassLoaderTest {
  private static final String MULTI_RELEASE = "Manifest-Version: 1.0\r\nMulti-Release: true\r\n";

  @TempDir Path folder;
  private Path jar;

  /** A class to be loaded again. */
  public static final class Sample implements Function<String, String> {
    public Sample() {}

    @Override
    public String apply(String text) {
      return text + " by " + getClass().getClassLoader().getName();
    }
  }

  @BeforeEach
  void write() throws IOException {
    jar = folder.resolve("a b.jar");
    Map<String, byte[]> first = new LinkedHashMap<>();
    first.put("META-INF/", new byte[0]);
    first.put("META-INF/MANIFEST.MF", MULTI_RELEASE.getBytes(UTF_8));
    for (String version : List.of("9", "21", "999", "none")) {
      first.put("META-INF/versions/" + version + "/v/text", text(version));
    }
    first.put("META-INF/versions/21/META-INF/MANIFEST.MF", text("odd"));
    first.put("META-INF/versions/21/only/new", text("new"));
    first.put("v/text", text("base"));
    first.put("both", text("first"));
    first.put("folder/", new byte[0]);
    first.put("folder/large", text("0123456789".repeat(10_000)));
    first.put("with space %/ü", text("odd"));
    Map<String, byte[]> second = new LinkedHashMap<>();
    second.put(
        "META-INF/MANIFEST.MF",
        text("Manifest-Version: 1.0\r\nImplementation-Version: 2.3\r\nBuilt-By: us\r\n"));
    second.put("META-INF/versions/9/w/text", text("9"));
    second.put("w/text", text("base"));
    second.put("both", text("second"));
    String sample = Sample.class.getName().replace('.', '/') + ".class";
    second.put(sample, resource(sample));
    Map<String, byte[]> all = new LinkedHashMap<>();
    all.put("META-INF/MANIFEST.MF", text("Main-Class: none\r\n"));
    all.put("BOOT-INF/classes/", new byte[0]);
    all.put("BOOT-INF/classes/own", text("own"));
    all.put("BOOT-INF/classes/both", text("classes"));
    all.put("BOOT-INF/lib/", new byte[0]);
    all.put("BOOT-INF/lib/first.jar", zip(first, ""));
    all.put("BOOT-INF/lib/second.jar", zip(second, "a comment"));
    Files.write(jar, zip(all, ""));
  }

  private static byte[] text(String text) {
    return text.getBytes(UTF_8);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = IndexedClassLoaderTest.class.getResourceAsStream("/" + name)) {
      return in.readAllBytes();
    }
  }

  /** As the build does it: jars are stored, all else is compressed. */
  private static byte[] zip(Map<String, byte[]> files, String comment) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setComment(comment);
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        ZipEntry entry = new ZipEntry(file.getKey());
        byte[] content = file.getValue();
        if (file.getKey().endsWith(".jar")) {
          CRC32 crc = new CRC32();
          crc.update(content);
          entry.setMethod(ZipEntry.STORED);
          entry.setSize(content.length);
          entry.setCrc(crc.getValue());
        }
        zip.putNextEntry(entry);
        zip.write(content);
      }
    }
    return bytes.toByteArray();
  }

  private IndexedClassLoader loader() throws IOException {
    return IndexedClassLoader.of(jar, ClassLoader.getPlatformClassLoader());
  }

  private static String read(URL url) throws IOException {
    try (InputStream in = url.openStream()) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  @Test
  @SuppressWarnings("unchecked")
  void classes_of_the_jar_are_its_own_and_others_the_parents() throws Exception {
    Class<?> loaded = loader().loadClass(Sample.class.getName());
    assertThat(loaded).isNotEqualTo(Sample.class);
    Function<String, String> sample =
        (Function<String, String>) loaded.getDeclaredConstructor().newInstance();
    assertThat(sample.apply("loaded")).isEqualTo("loaded by understudy");
    assertThat(loaded.getPackage().getImplementationVersion()).isEqualTo("2.3");
    assertThat(loaded.getProtectionDomain().getCodeSource().getLocation())
        .isEqualTo(jar.toUri().toURL());

    assertThat(loader().loadClass("java.sql.Connection")).isEqualTo(java.sql.Connection.class);
    assertThatThrownBy(() -> loader().loadClass("none.Such"))
        .isInstanceOf(ClassNotFoundException.class);
  }

  @Test
  void a_class_is_loaded_by_an_interrupted_thread() throws Exception {
    IndexedClassLoader loader = loader();
    Thread.currentThread().interrupt();
    try {
      assertThat(loader.loadClass(Sample.class.getName()).getClassLoader()).isEqualTo(loader);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(read(loader.getResource("own"))).isEqualTo("own");
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          own,            own
          both,           classes
          v/text,         21
          only/new,       new
          w/text,         base
          with space %/ü, odd
          """)
  void a_resource_is_the_first_one_in_its_version_for_this_java(String name, String content)
      throws Exception {
    assertThat(read(loader().getResource(name))).isEqualTo(content);
    try (InputStream in = loader().getResourceAsStream(name)) {
      assertThat(new String(in.readAllBytes(), UTF_8)).isEqualTo(content);
    }
  }

  @Test
  void all_resources_of_a_name_come_in_the_order_of_the_jar() throws Exception {
    List<URL> found = Collections.list(loader().getResources("both"));
    String nested = "jar:nested:" + jar.toUri().getRawPath() + "/!";
    assertThat(found)
        .extracting(URL::toString)
        .containsExactly(
            nested + "BOOT-INF/classes/!/both",
            nested + "BOOT-INF/lib/first.jar!/both",
            nested + "BOOT-INF/lib/second.jar!/both");
    assertThat(read(found.get(0))).isEqualTo("classes");
    assertThat(read(found.get(1))).isEqualTo("first");
    assertThat(read(found.get(2))).isEqualTo("second");
  }

  @Test
  void the_size_of_a_resource_is_known() throws Exception {
    assertThat(loader().getResource("folder/large").openConnection().getContentLengthLong())
        .isEqualTo(100_000);
    assertThat(read(loader().getResource("folder/large"))).hasSize(100_000).endsWith("789");
  }

  @ParameterizedTest
  @ValueSource(strings = {"folder", "folder/"})
  void a_folder_is_found_with_and_without_its_slash(String name) throws Exception {
    assertThat(loader().getResource(name)).asString().endsWith("first.jar!/" + name);
    assertThat(Collections.list(loader().getResources(name))).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "v", "BOOT-INF/classes/own", "own/"})
  void what_is_not_there_is_not_found(String name) throws Exception {
    assertThat(loader().getResource(name)).isNull();
    assertThat(loader().getResourceAsStream(name)).isNull();
    assertThat(Collections.list(loader().getResources(name))).isEmpty();
  }

  @Test
  void the_url_of_another_file_made_of_one_is_not_mistaken_for_it() throws Exception {
    URL own = loader().getResource("own");
    @SuppressWarnings("deprecation") // What is tested.
    URL other = new URL(own, own.toString().replace("own", "both"));
    assertThatThrownBy(other::openConnection).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          a jar without libraries, BOOT-INF/classes/own
          a jar without classes,   BOOT-INF/lib/first.jar
          another layout,          own
          """)
  void a_jar_of_another_layout_is_refused(String what, String name) throws Exception {
    Files.write(jar, zip(Map.of(name, zip(Map.of("a", text("b")), "")), ""));
    assertThatThrownBy(this::loader).as(what).isInstanceOf(IOException.class);
  }

  @Test
  void a_file_cut_anywhere_is_refused() throws Exception {
    byte[] whole = Files.readAllBytes(jar);
    for (int length = 0; length < whole.length; length += 97) {
      Files.write(jar, Arrays.copyOf(whole, length));
      assertThatThrownBy(this::loader).as("%d bytes", length).isInstanceOf(IOException.class);
    }
  }

  @Test
  void a_loader_of_another_kind_is_kept() {
    ClassLoader other = getClass().getClassLoader();
    assertThat(IndexedClassLoader.inPlaceOf(other)).isSameAs(other);
  }
}
