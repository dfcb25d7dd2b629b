package dev.understudy.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The chart, the manifests and the changelog are of the version of {@code pom.xml}. */
class VersionTest {
  static String ofTheProject() throws Exception {
    return inThePom("/project/version");
  }

  private static String inThePom(String path) throws Exception {
    return XPathFactory.newInstance()
        .newXPath()
        .evaluate(
            path,
            DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(Path.of("pom.xml").toFile()));
  }

  @Test
  void the_chart_and_the_image_that_it_takes_are_of_the_projects_version() throws Exception {
    JsonNode chart = Manifests.documents("helm/understudy/Chart.yaml").get(0);

    assertThat(ofTheProject()).matches("[0-9]+\\.[0-9]+\\.[0-9]+(-rc\\.[0-9]+)?(-SNAPSHOT)?");
    assertThat(chart.path("appVersion").asString()).isEqualTo(ofTheProject());
    assertThat(chart.path("version").asString()).isEqualTo(ofTheProject());
  }

  /** {@code KubernetesTest} compares it with that of the Deployment. */
  @Test
  void the_manifests_take_the_image_of_the_projects_version() throws Exception {
    assertThat(
            Manifests.documents("kubernetes/kustomization.yaml")
                .get(0)
                .at("/images/0/newTag")
                .asString())
        .isEqualTo(ofTheProject());
  }

  /** The day is that of everything in the jar. */
  @Test
  void a_release_has_a_dated_section_in_the_changelog() throws Exception {
    String day = inThePom("/project/properties/*[name()='project.build.outputTimestamp']");
    String heading =
        ofTheProject().endsWith("-SNAPSHOT")
            ? "## [Unreleased]"
            : "## [%s] - %s".formatted(ofTheProject(), day.replaceFirst("T.*", ""));

    assertThat(Files.readAllLines(Path.of("CHANGELOG.md"))).contains(heading);
  }
}
