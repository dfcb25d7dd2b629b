package dev.understudy.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code .ci/release} says before it builds anything, and how it joins what was built. */
class ReleaseScriptTest {
  @TempDir private Path folder;

  private record Ended(int status, String said) {}

  private static Ended run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(".ci/release"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove("GITHUB_REPOSITORY");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --frob             | --frob: unknown option; see --help
          somewhere          | expected no argument, found somewhere
          --out              | --out: expected a value
          --only mips        | --only: expected amd64 or arm64, found mips
          --jmods src        | --jmods: expected a folder with java.base.jmod, found src
          --join --out x y   | --join: expected two folders or more
          --join x y         | --join: expected --out
          """)
  void a_wrong_option_is_refused(String arguments, String said) throws Exception {
    assertThat(run(arguments.split(" ", -1))).isEqualTo(new Ended(1, "release: " + said + "\n"));
  }

  @Test
  void help_names_every_file_that_is_made() throws Exception {
    Ended help = run("--help");
    assertThat(help.status()).isZero();
    assertThat(help.said())
        .contains("understudy-V.jar", "understudy_V_all.deb", "understudy-V.tgz", "SHA256SUMS");
  }

  @Test
  void the_notes_are_one_section_of_the_changelog_without_its_heading() throws Exception {
    Ended notes = run("--notes");
    assertThat(notes.status()).isZero();
    assertThat(notes.said()).doesNotContain("\n## [", "# Changelog");
    assertThat(Files.readString(Path.of("CHANGELOG.md"))).contains(notes.said().strip());
  }

  /** Makes a folder as each machine makes it. */
  private Path made(String name, Map<String, String> files) throws Exception {
    Path made = Files.createDirectory(folder.resolve(name));
    StringBuilder sums = new StringBuilder();
    for (Map.Entry<String, String> file : new TreeMap<>(files).entrySet()) {
      byte[] content = file.getValue().getBytes(StandardCharsets.UTF_8);
      Files.write(made.resolve(file.getKey()), content);
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
      sums.append(HexFormat.of().formatHex(digest)).append("  ").append(file.getKey()).append('\n');
    }
    Files.writeString(made.resolve("SHA256SUMS"), sums);
    return made;
  }

  private Ended join(Path... made) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("--join", "--out", out().toString()));
    for (Path each : made) {
      arguments.add(each.toString());
    }
    return run(arguments.toArray(String[]::new));
  }

  private Path out() {
    return folder.resolve("out");
  }

  @Test
  void what_two_machines_made_is_joined() throws Exception {
    Path amd64 = made("x", Map.of("u-1.jar", "jar", "u_1_amd64.deb", "one"));
    Path arm64 = made("y", Map.of("u-1.jar", "jar", "u_1_arm64.deb", "other"));
    Ended joined = join(amd64, arm64);
    assertThat(joined.status()).as(joined.said()).isZero();
    assertThat(Files.readAllLines(out().resolve("SHA256SUMS")))
        .extracting(line -> line.substring(66))
        .containsExactly("u-1.jar", "u_1_amd64.deb", "u_1_arm64.deb");
  }

  @Test
  void what_both_have_has_to_be_the_same() throws Exception {
    Path amd64 = made("x", Map.of("u-1.jar", "jar"));
    Path arm64 = made("y", Map.of("u-1.jar", "another"));
    assertThat(join(amd64, arm64))
        .isEqualTo(
            new Ended(
                1,
                "release: u-1.jar: that of %s is another than that of %s\n"
                    .formatted(arm64, amd64)));
  }

  @Test
  void what_is_of_no_architecture_has_to_be_in_each() throws Exception {
    Path some = made("x", Map.of("u-1.jar", "jar", "u-1.tgz", "chart"));
    Path fewer = made("y", Map.of("u-1.jar", "jar"));
    assertThat(join(some, fewer).said()).contains("u-1.tgz: " + fewer + " does not have it");
  }

  @Test
  void a_file_that_changed_on_its_way_is_not_joined() throws Exception {
    Path one = made("x", Map.of("u-1.jar", "jar"));
    Path other = made("y", Map.of("u-1.jar", "jar"));
    Files.writeString(one.resolve("u-1.jar"), "broken");
    assertThat(join(one, other).said()).contains(one + ": not as its SHA256SUMS says");
  }

  @Test
  void a_file_that_no_sum_vouches_for_is_not_joined() throws Exception {
    Path one = made("x", Map.of("u-1.jar", "jar", "u_1_amd64.deb", "one"));
    Path other = made("y", Map.of("u-1.jar", "jar", "u_1_arm64.deb", "other"));
    Files.writeString(other.resolve("u-1-image-arm64.oci.tar"), "added");
    assertThat(join(one, other).said())
        .contains("u-1-image-arm64.oci.tar: it is not in " + other + "/SHA256SUMS");
  }

  @Test
  void what_lacks_the_package_of_an_architecture_is_no_release() throws Exception {
    Path one = made("x", Map.of("u-1.jar", "jar", "u_1_amd64.deb", "one"));
    Path other = made("y", Map.of("u-1.jar", "jar"));
    Ended joined = join(one, other);
    assertThat(joined.status()).isEqualTo(1);
    assertThat(joined.said()).contains("_arm64.deb");
  }
}
