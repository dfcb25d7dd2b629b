package dev.understudy.conformance;

import dev.understudy.testing.Chroot;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Builds the repository's Dockerfile with Debian's buildah, in a storage of its own and without any
 * registry: its base images are a Debian made here with a copy of the machine's JDK 25 or newer.
 */
final class ImageBuilder {
  static final String IMAGE = "localhost/understudy:conformance";

  private static final String BASE = "localhost/java:conformance";
  private static final int BASE_JAVA = 25;
  private static final Path JVMS = Path.of("/usr/lib/jvm");
  private static final long LIMIT_MINUTES = 30;
  private static final String JAVA_HOME = "/opt/java/openjdk";

  private final Path folder;
  private final Path log;

  ImageBuilder(Path folder) {
    this.folder = folder;
    this.log = folder.resolve("build.log");
  }

  /** Options of buildah and podman. */
  static List<String> storage(Path folder) {
    return List.of(
        "--storage-driver=vfs",
        "--root=" + folder.resolve("storage"),
        "--runroot=" + folder.resolve("run"));
  }

  void build() throws IOException, InterruptedException {
    makeBase();
    List<String> command = new ArrayList<>(List.of("build", "--pull-never", "--tag=" + IMAGE));
    Path m2 = Path.of(System.getProperty("user.home"), ".m2");
    Path repository =
        Path.of(System.getProperty("localRepository", m2.resolve("repository").toString()));
    command.add("--volume=" + repository + ":/host/repository:ro");
    for (String shared : List.of("wrapper", "settings.xml")) {
      if (Files.exists(m2.resolve(shared))) {
        command.add("--volume=" + m2.resolve(shared) + ":/host/" + shared + ":ro");
      }
    }
    command.addAll(List.of("--build-arg=JDK=" + BASE, "--build-arg=JRE=" + BASE, "."));
    buildah(command);
  }

  /** Removes the storage, with all containers and images; JUnit would name each link in them. */
  void remove() throws IOException, InterruptedException {
    int status =
        new ProcessBuilder("rm", "-rf", "--one-file-system", folder.toString())
            .inheritIO()
            .start()
            .waitFor();
    if (status != 0) {
      throw new IOException(folder + " could not be removed");
    }
  }

  /** Stands in for both of the Dockerfile's bases. */
  private void makeBase() throws IOException, InterruptedException {
    Path debian = folder.resolve("debian.tar");
    run(
        List.of(
            "mmdebstrap",
            "--variant=essential",
            "--mode=root",
            Chroot.suite(),
            debian.toString(),
            Chroot.apt().toString()));
    // Debian's JDKs have links to files elsewhere, such as that of trusted certificates.
    Path jdkCopy = folder.resolve("jdk");
    run(List.of("cp", "--recursive", "--dereference", jdk().toString(), jdkCopy.toString()));
    String base = buildah(List.of("from", "scratch"));
    buildah(List.of("add", "--quiet", base, debian.toString(), "/"));
    buildah(List.of("copy", "--quiet", base, jdkCopy.toString(), JAVA_HOME));
    List<String> config = new ArrayList<>(List.of("config"));
    config.add("--env=JAVA_HOME=" + JAVA_HOME);
    config.add("--env=PATH=" + JAVA_HOME + "/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    // The Maven repository and the Maven settings of this machine.
    config.add("--env=MAVEN_USER_HOME=/host");
    String settings =
        Files.exists(Path.of(System.getProperty("user.home"), ".m2", "settings.xml"))
            ? " --settings /host/settings.xml"
            : "";
    config.add("--env=MAVEN_ARGS=-Dmaven.repo.local.tail=/host/repository" + settings);
    config.add(base);
    buildah(config);
    buildah(List.of("commit", "--quiet", "--rm", base, BASE));
  }

  static Path jdk() throws IOException {
    try (Stream<Path> installed = Files.list(JVMS)) {
      return Stream.concat(Stream.of(Path.of(System.getProperty("java.home"))), installed)
          .filter(home -> Files.exists(home.resolve("bin/javac")))
          .filter(home -> version(home) >= BASE_JAVA)
          .findFirst()
          .orElseThrow(
              () -> new IllegalStateException("no JDK " + BASE_JAVA + " or newer in " + JVMS));
    }
  }

  private static int version(Path home) {
    try {
      return Files.readAllLines(home.resolve("release")).stream()
          .filter(line -> line.startsWith("JAVA_VERSION="))
          .map(line -> line.replaceAll("^[^0-9]*([0-9]+).*", "$1"))
          .mapToInt(Integer::parseInt)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }

  private String buildah(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("buildah"));
    command.addAll(storage(folder));
    command.addAll(arguments);
    return run(command);
  }

  /** The last line that it printed. */
  private String run(List<String> command) throws IOException, InterruptedException {
    Path out = folder.resolve("out");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectError(Redirect.appendTo(log.toFile()))
            .redirectOutput(out.toFile());
    builder.environment().put("BUILDAH_ISOLATION", "chroot");
    builder.environment().put("TMPDIR", folder.toString());
    Process process = builder.start();
    boolean ended = process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES);
    if (!ended || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new AssertionError(
          command + " failed\n" + Files.readString(out) + Files.readString(log));
    }
    return Files.readString(out).strip().lines().reduce("", (before, line) -> line);
  }
}
