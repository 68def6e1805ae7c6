// Package generator turns answers into an auth package. Its packages are the steps on
// the way, and each imports only those before it:
//
//   - answers: what the developer chose, and authgen.yaml, which says it;
//   - project: what is found out about the developer's module;
//   - emit: the files of the package, made in memory from templates and answers;
//   - plan: what to do about each, by what was emitted last time and what is on disk,
//     and doing it.
package generator

// Version is the version of authgen and of its templates.
const Version = "v0.1.0"
