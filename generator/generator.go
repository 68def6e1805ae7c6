// Package generator turns answers into an auth package. Each of its packages is a step,
// and imports only those before it:
//
//   - answers: what the developer chose, as in authgen.yaml;
//   - project: what the developer's module tells about itself;
//   - emit: makes the files of the package in memory, from templates and answers;
//   - plan: compares them with what was emitted last time and what is on disk, decides
//     what to do about each file, and does it.
package generator

// Version is the version of authgen and of its templates.
const Version = "v0.3.0"
