package dev.understudy.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** The workflows call what is there, with as few rights as they can have. */
class WorkflowsTest {
  private static final Path FOLDER = Path.of(".github/workflows");
  private static final Pattern SCRIPT = Pattern.compile("(?:\\./mvnw|\\.ci/[\\w-]+|src/[\\w/-]+)");
  private static final Pattern IMAGE = Pattern.compile("\\S+@sha256:[0-9a-f]{64}");

  record Workflow(String name, String text, JsonNode document) {
    static Workflow of(Path file) {
      try {
        String text = Files.readString(file);
        return new Workflow(file.getFileName().toString(), text, Manifests.parse(text).get(0));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    List<JsonNode> jobs() {
      return document.path("jobs").valueStream().toList();
    }

    List<String> commands() {
      return jobs().stream()
          .flatMap(job -> job.path("steps").valueStream())
          .filter(step -> step.has("run"))
          .map(step -> step.path("run").asString())
          .toList();
    }

    /** The images of jobs and of their services. */
    List<String> images() {
      return jobs().stream()
          .flatMap(
              job ->
                  Stream.concat(
                      Stream.of(job.path("container")), job.path("services").valueStream()))
          .map(each -> each.isString() ? each : each.path("image"))
          .filter(JsonNode::isString)
          .map(JsonNode::asString)
          .toList();
    }

    /** Whether a comment behind an image says why it has no digest. */
    boolean hasReason(String image) {
      return text.lines().anyMatch(line -> line.contains(": " + image + " # no digest, as "));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static List<Workflow> workflows() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      List<Workflow> all = files.sorted().map(Workflow::of).toList();
      assertThat(all).extracting(Workflow::name).contains("ci.yml", "release.yml", "scan.yml");
      return all;
    }
  }

  @ParameterizedTest
  @MethodSource("workflows")
  void scripts_that_are_called_exist_and_can_be_executed(Workflow workflow) {
    List<Path> scripts =
        workflow.commands().stream()
            .flatMap(command -> SCRIPT.matcher(command).results())
            .map(MatchResult::group)
            .distinct()
            .map(Path::of)
            .toList();
    assertThat(scripts).isNotEmpty().allMatch(Files::isExecutable);
  }

  @ParameterizedTest
  @MethodSource("workflows")
  void every_job_names_its_rights_and_its_time(Workflow workflow) {
    assertThat(workflow.document().path("permissions").toString())
        .isEqualTo("{\"contents\":\"read\"}");
    assertThat(workflow.document().at("/concurrency/group").asString()).isNotEmpty();
    assertThat(workflow.jobs())
        .isNotEmpty()
        .allSatisfy(
            job -> {
              assertThat(job.path("permissions").isObject()).isTrue();
              assertThat(job.path("timeout-minutes").asInt()).isBetween(1, 90);
            });
    if (!workflow.name().equals("release.yml")) {
      assertThat(workflow.text()).doesNotContain(": write");
    }
  }

  @ParameterizedTest
  @MethodSource("workflows")
  void actions_are_named_by_commit_and_version(Workflow workflow) {
    assertThat(workflow.text().lines().filter(line -> line.contains("uses: ")))
        .allMatch(
            line -> line.matches(".*uses: [\\w-]+/[\\w-]+@[0-9a-f]{40} # v\\d+\\.\\d+\\.\\d+"));
  }

  /** A value that is written into a script could be a script of its own. */
  @ParameterizedTest
  @MethodSource("workflows")
  void scripts_get_values_by_the_environment_alone(Workflow workflow) {
    assertThat(workflow.commands()).noneMatch(command -> command.contains("${{"));
  }

  /** An empty text counts as false: what stands behind it is taken whatever the condition says. */
  @ParameterizedTest
  @MethodSource("workflows")
  void no_condition_chooses_an_empty_text(Workflow workflow) {
    assertThat(workflow.text()).doesNotContain("&& ''");
  }

  @ParameterizedTest
  @MethodSource("workflows")
  void the_repository_is_named_by_variables_alone(Workflow workflow) {
    assertThat(workflow.text())
        .doesNotContain("github.com/")
        .doesNotContainPattern("ghcr\\.io/[^$]");
  }

  /** What a tag names today may be another image tomorrow. */
  @ParameterizedTest
  @MethodSource("workflows")
  void containers_are_those_of_the_dockerfile_by_digest_or_have_a_reason(Workflow workflow) {
    assertThat(workflow.images().isEmpty()).isEqualTo(workflow.name().equals("scan.yml"));
    assertThat(workflow.images())
        .allMatch(
            image ->
                IMAGE.matcher(image).matches()
                    ? DockerfileTest.dockerfile().contains("ARG JDK=" + image + "\n")
                    : workflow.hasReason(image));
  }

  /** It works beside the registry's credentials, and makes what is signed. */
  @ParameterizedTest
  @MethodSource("workflows")
  void images_are_built_by_a_builder_named_by_digest(Workflow workflow) {
    boolean builds = workflow.text().contains("docker buildx create");
    assertThat(builds).isEqualTo(workflow.name().equals("release.yml"));
    assertThat(workflow.commands().stream().filter(each -> each.contains("docker buildx create")))
        .allMatch(
            each -> each.contains("docker buildx create --use --driver-opt \"image=$BUILDER\""));
    assertThat(workflow.text().lines().filter(line -> line.contains(" BUILDER: ")).count())
        .isEqualTo(builds ? 1 : 0);
    assertThat(workflow.text().lines().filter(line -> line.contains(" BUILDER: ")))
        .allMatch(line -> IMAGE.matcher(line.strip().substring("BUILDER: ".length())).matches());
  }
}
